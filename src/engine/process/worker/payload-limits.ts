import type {
  Command, Payload, Payloads, RecordActivityTaskHeartbeatRequest, RespondActivityTaskCanceledRequest, RespondActivityTaskCompletedRequest, RespondActivityTaskFailedRequest,
  RespondQueryTaskCompletedRequest, RespondWorkflowTaskCompletedRequest, RespondWorkflowTaskFailedRequest, RpcName,
} from '../../../api/proto.ts';
import { base64Size, protoSize } from '../../../api/proto-size.ts';

/**
 * What Core checks before it sends a request, so that an oversized payload fails the task and not the workflow (sdk-core
 * common/payload_limits.rs and the tables of common/build.rs). The error limits are the namespace's (DescribeNamespace), in bytes.
 */
export interface PayloadLimits {
  readonly blob: number;
  readonly memo: number;
}

/** From these on a warning is logged. */
const WARN: PayloadLimits = { blob: 512 * 1024, memo: 2 * 1024 };

export interface PayloadViolation {
  readonly severity: 'warning' | 'error';
  /** As Core prints it. */
  readonly message: string;
  readonly size: number;
  readonly limit: number;
}

type Kind = keyof PayloadLimits;
/** A size, against which limit, and whether it can be more than a warning. */
type Check = (size: number, kind: Kind, enforced?: boolean) => void;

/** The first error of a request, or else its warnings. `limits` null: nothing is an error. */
export function payloadViolations(rpc: RpcName, request: unknown, limits: PayloadLimits | null): readonly PayloadViolation[] {
  const warnings: PayloadViolation[] = [];
  const errors: PayloadViolation[] = [];
  measure(rpc, request, (size, kind, enforced = true) => {
    const what = kind === 'blob' ? 'payloads' : 'memo';
    const severity = enforced && limits !== null && limits[kind] > 0 && size > limits[kind] ? 'error' : 'warning';
    const limit = severity === 'error' ? (limits as PayloadLimits)[kind] : WARN[kind];
    if (severity === 'error' || size > limit)
      (severity === 'error' ? errors : warnings).push({ severity, message: `[TMPRL1103] Attempted to upload ${what} with size that exceeded the ${severity} limit.`, size, limit });
  });
  return errors.length > 0 ? errors : warnings;
}

/** The failure of a task whose payloads are too large. */
export const payloadsTooLarge = ({ message }: PayloadViolation): { readonly message: string; readonly applicationFailureInfo: { readonly type: string } } => ({ message, applicationFailureInfo: { type: 'PayloadsTooLarge' } });

function measure(rpc: RpcName, request: unknown, check: Check): void {
  switch (rpc) {
    case 'RecordActivityTaskHeartbeat':
      return payloads((request as RecordActivityTaskHeartbeatRequest).details, check);
    case 'RespondActivityTaskCompleted':
      return payloads((request as RespondActivityTaskCompletedRequest).result, check);
    case 'RespondActivityTaskCanceled':
      return payloads((request as RespondActivityTaskCanceledRequest).details, check);
    case 'RespondActivityTaskFailed': {
      const { failure, lastHeartbeatDetails } = request as RespondActivityTaskFailedRequest;
      check(protoSize('Failure', failure), 'blob', false);
      return payloads(lastHeartbeatDetails, check, false);
    }
    case 'RespondWorkflowTaskFailed':
      return check(protoSize('Failure', (request as RespondWorkflowTaskFailedRequest).failure), 'blob', false);
    case 'RespondQueryTaskCompleted':
      return payloads((request as RespondQueryTaskCompletedRequest).queryResult, check, false);
    case 'RespondWorkflowTaskCompleted': {
      const { commands, messages, queryResults } = request as RespondWorkflowTaskCompletedRequest;
      for (const command of commands ?? []) measureCommand(command, check);
      for (const message of messages ?? []) if (message.body) check(bodySize(message.body), 'blob');
      for (const id in queryResults) payloads(queryResults[id]?.answer, check, false);
      return;
    }
    default:
  }
}

function measureCommand(command: Command, check: Check): void {
  payloads(command.completeWorkflowExecutionCommandAttributes?.result, check);
  payloads(command.scheduleActivityTaskCommandAttributes?.input, check);
  payloads(command.signalExternalWorkflowExecutionCommandAttributes?.input, check);
  const child = command.startChildWorkflowExecutionCommandAttributes ?? command.continueAsNewWorkflowExecutionCommandAttributes;
  if (child) {
    payloads(child.input, check);
    if (child.memo) check(protoSize('Memo', child.memo), 'memo');
  }
  const failure = command.failWorkflowExecutionCommandAttributes?.failure;
  if (failure) check(protoSize('Failure', failure), 'blob');
  const details = command.recordMarkerCommandAttributes?.details;
  if (details) {
    let size = 0;
    for (const key in details) size += key.length + protoSize('Payloads', details[key]);
    check(size, 'blob');
  }
  const fields = command.modifyWorkflowPropertiesCommandAttributes?.upsertedMemo?.fields ?? command.upsertWorkflowSearchAttributesCommandAttributes?.searchAttributes?.indexedFields;
  if (fields) check(dataSize(fields), 'blob');
}

/** Most payloads are small: what their text could hold at most settles it. */
function payloads(value: Payloads | undefined, check: Check, enforced?: boolean): void {
  let atMost = 0;
  for (const { data } of value?.payloads ?? []) atMost += 200 + (data?.length ?? 0);
  if (atMost > WARN.blob) check(protoSize('Payloads', value), 'blob', enforced);
}

function dataSize(fields: { readonly [key: string]: Payload }): number {
  let size = 0;
  for (const key in fields) size += key.length + base64Size(fields[key]?.data ?? '');
  return size;
}

/** An `Any`: its size on the wire is about three quarters of that of its JSON, payloads being base64. */
const bodySize = (body: object): number => Math.floor(JSON.stringify(body).length * 0.75);
