import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import type { HistoryEvent } from '../src/api/proto.ts';
import { replayGenuineAll, stopGenuine } from './genuine.ts';
import { readGoldens } from './goldens.ts';
import { replayOurs } from './ours.ts';

/** All of `workflowInfo()`, as the genuine worker shows it to the same code on the same history. */

const workflowsPath = fileURLToPath(new URL('workflow-info/workflows.ts', import.meta.url));

afterAll(stopGenuine);

interface Case {
  readonly name: string;
  readonly workflowId: string;
  readonly events: readonly HistoryEvent[];
}

/** The history as one of a workflow that tells in the task with this start what it sees. */
function telling(events: readonly HistoryEvent[], task: number): HistoryEvent[] {
  const [start, ...rest] = events as [HistoryEvent, ...HistoryEvent[]];
  const attributes = start.workflowExecutionStartedEventAttributes;
  return [{ ...start, workflowExecutionStartedEventAttributes: { ...attributes, workflowType: { name: `${attributes?.workflowType?.name}@${task}` } } }, ...rest];
}

/** What recorded runs saw in their first task: plain ones, children, next runs of every kind, schedules, options, versions. */
const firstTasks = (): Case[] =>
  readGoldens().flatMap(({ name, runs }) =>
    runs.flatMap(({ file, events, workflowId }) => {
      const started = events.find((event, i) => event.workflowTaskStartedEventAttributes && events[i + 1]?.workflowTaskCompletedEventAttributes);
      return started ? [{ name: `${name}/${file}`, workflowId, events: telling(events, Number(started.eventId)) }] : [];
    }),
  );

/** Three tasks that signals bring about, each started and completed with what changes during a run. */
function laterTasks(): Case[] {
  const queue = { name: 'q', kind: 'TASK_QUEUE_KIND_NORMAL' } as const;
  const runId = '0196a1f0-0000-7000-8000-000000000001';
  const kinds: Omit<HistoryEvent, 'eventId' | 'eventTime'>[] = [
    {
      eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_STARTED',
      workflowExecutionStartedEventAttributes: {
        workflowType: { name: 'flow' }, taskQueue: queue, workflowTaskTimeout: '7.500s', workflowRunTimeout: '0s', workflowExecutionTimeout: '3600s', workflowExecutionExpirationTime: '2023-11-15T00:00:00Z',
        originalExecutionRunId: '0196a1f0-0000-7000-8000-00000000000a', firstExecutionRunId: '0196a1f0-0000-7000-8000-00000000000b', continuedExecutionRunId: '0196a1f0-0000-7000-8000-00000000000c',
        attempt: 3, workflowId: 'w', cronSchedule: '@every 90s', firstWorkflowTaskBackoff: '42.500s', priority: { priorityKey: 2, fairnessKey: 'tenant', fairnessWeight: 1.5 },
        parentWorkflowNamespace: 'elsewhere', parentWorkflowExecution: { workflowId: 'p', runId }, rootWorkflowExecution: { workflowId: 'r', runId },
        retryPolicy: { initialInterval: '1.500s', backoffCoefficient: 3, maximumInterval: '100s', maximumAttempts: 5, nonRetryableErrorTypes: ['Fatal'] },
        continuedFailure: { message: 'last time', source: 'TypeScriptSDK', applicationFailureInfo: { type: 'Mine', nonRetryable: true }, cause: { message: 'why', applicationFailureInfo: {} } },
        lastCompletionResult: { payloads: [{ metadata: { encoding: 'anNvbi9wbGFpbg==' }, data: 'NDI=' }] },
      },
    },
  ];
  const task = (started: object, completed: object): void => {
    const scheduledEventId = String(kinds.length + 1);
    kinds.push(
      { eventType: 'EVENT_TYPE_WORKFLOW_TASK_SCHEDULED', workflowTaskScheduledEventAttributes: { taskQueue: queue, startToCloseTimeout: '7.500s', attempt: 1 } },
      { eventType: 'EVENT_TYPE_WORKFLOW_TASK_STARTED', workflowTaskStartedEventAttributes: { scheduledEventId, requestId: 'x', ...started } },
      { eventType: 'EVENT_TYPE_WORKFLOW_TASK_COMPLETED', workflowTaskCompletedEventAttributes: { scheduledEventId, startedEventId: String(kinds.length + 2), sdkMetadata: kinds.length < 4 ? { coreUsedFlags: [1, 2, 3] } : {}, ...completed } },
    );
  };
  const signal = (): void => void kinds.push({ eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED', workflowExecutionSignaledEventAttributes: { signalName: 'unheard' } });
  task({ historySizeBytes: '511' }, { workerVersion: { buildId: 'b-1' } });
  signal();
  task(
    { historySizeBytes: '4200000', suggestContinueAsNew: true, suggestContinueAsNewReasons: ['SUGGEST_CONTINUE_AS_NEW_REASON_HISTORY_SIZE_TOO_LARGE', 'SUGGEST_CONTINUE_AS_NEW_REASON_TOO_MANY_UPDATES'], targetWorkerDeploymentVersionChanged: true },
    { deploymentVersion: { deploymentName: 'd', buildId: 'b-2' }, workerDeploymentName: 'd' },
  );
  signal();
  task({ historySizeBytes: '9223372' }, {});
  const events = kinds.map((event, i): HistoryEvent => ({ ...event, eventId: String(i + 1), eventTime: new Date(1_700_000_000_000 + i * 1234).toISOString(), taskId: String(i + 1) }));
  return [3, 7, 11].map((started) => ({ name: `later task ${started}`, workflowId: 'w', events: telling(events, started) }));
}

/**
 * As text, so that the order of fields counts, but for maps (Rust's have none) and the replayer's own queue. A worker that only replays has no
 * thread for workflows; in others functions come last, because the thread adds them.
 */
function told(message: string): string {
  const info = JSON.parse(message) as { [field: string]: unknown };
  for (const field of ['searchAttributes', 'memo']) info[field] = Object.fromEntries(Object.entries(info[field] ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)));
  info['typedSearchAttributes'] = (info['typedSearchAttributes'] as object[]).map((pair) => JSON.stringify(pair)).sort();
  info['taskQueue'] = '';
  const { now, random, ...plain } = info['unsafe'] as { [field: string]: unknown };
  info['unsafe'] = { ...plain, now, random };
  return JSON.stringify(info, null, 1);
}

it('is what the genuine worker shows, field by field', { timeout: 300_000 }, async () => {
  const cases = [...firstTasks(), ...laterTasks()];
  expect(cases.length).toBeGreaterThan(100);
  const genuine = await replayGenuineAll(workflowsPath, cases.map(({ events, workflowId }) => ({ history: { events }, workflowId })));
  for (const [i, { name, events, workflowId }] of cases.entries()) {
    const { message } = await replayOurs(workflowsPath, JSON.stringify({ events }), workflowId);
    expect([name, told(message)]).toEqual([name, told(genuine[i]!.message)]);
  }
});
