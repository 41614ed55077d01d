import type { PayloadCodec } from '@temporalio/common';
import type { ReplayHistoriesIterable, ReplayResult } from '@temporalio/worker';
import type { WorkerConfig } from '../../worker/messages.ts';
import { messageToJson } from '../../../sandbox/vm/proto-json.ts';
import { kernel } from '../kernel.ts';
import { CodecMemory, codeValue } from './codec.ts';
import { ReplayError } from './errors.ts';

interface Verdict {
  readonly ok: boolean;
  readonly kind: 'ok' | 'nondeterminism' | 'failure';
  readonly message: string;
}

const waiting = new Map<number, (answer: { verdict: Verdict; runId: string }) => void>();
kernel.on('replayed', (message: { id: number; verdict: Verdict; runId: string }) => {
  const resolve = waiting.get(message.id);
  waiting.delete(message.id);
  resolve?.(message);
});

/** Histories in proto3 JSON, as objects of the SDK, or wrapped as `{history}`. */
function historyToJson(history: unknown): unknown {
  if (typeof history !== 'object' || history === null) throw new TypeError(`Expected a non-null history object, got ${typeof history}`);
  const { events } = history as { events?: { eventId?: unknown }[] };
  if (!Array.isArray(events) || events.length === 0) throw new TypeError('Expected a history with events');
  return typeof events[0]?.eventId === 'string' ? history : messageToJson('History', history);
}

/** Replays in the engine, one history after the other. */
export async function* replayHistories(config: WorkerConfig, codecs: readonly PayloadCodec[], histories: ReplayHistoriesIterable): AsyncIterableIterator<ReplayResult> {
  for await (const { history, workflowId } of histories) {
    const id = kernel.nextId();
    const release = kernel.hold();
    const encoded = historyToJson(history);
    const json = config.hasCodec ? await codeValue(encoded, codecs, 'decode', new CodecMemory(), { namespace: config.namespace, workflowId, runId: '' }) : encoded;
    const { verdict, runId } = await new Promise<{ verdict: Verdict; runId: string }>((resolve) => {
      waiting.set(id, resolve);
      kernel.emit({ op: 'replay', id, workflows: config.workflows, history: json, workflowId });
    });
    release();
    yield { workflowId, runId, ...(verdict.ok ? {} : { error: errorOf(verdict) }) };
  }
}

/** The errors of the SDK's replay worker, with its texts; Core puts the failure into them in Rust's debug form. */
function errorOf({ kind, message }: Verdict): Error {
  if (kind === 'failure') return new ReplayError(`Replay failed due workflow task failure. Details: ${message}`);
  const failure = `Failure { message: ${JSON.stringify(`[TMPRL1100] Nondeterminism error: ${message}`)}, source: "", stack_trace: "", encoded_attributes: None, cause: None, failure_info: Some(ApplicationFailureInfo(ApplicationFailureInfo { r#type: "", non_retryable: false, details: None, next_retry_delay: None, category: Unspecified })) }`;
  // Loaded when it is needed: a process seldom needs that package.
  const { DeterminismViolationError } = require('@temporalio/workflow') as typeof import('@temporalio/workflow');
  return new DeterminismViolationError(
    'Replay failed with a nondeterminism error. This means that the workflow code as written is not compatible with the history that was fed in. '
    + `Details: Workflow activation completion failed: Failure { failure: Some(${failure}), force_cause: NonDeterministicError }`,
  );
}
