import { commandName } from '../../api/event-names.ts';
import type { RpcName } from '../../api/proto.ts';

/** A loose view of the requests and responses that a summary looks into. */
interface Loose {
  readonly [field: string]: unknown;
  readonly workflowId?: string;
  readonly workflowExecution?: { readonly workflowId?: string; readonly runId?: string };
  readonly execution?: { readonly workflowId?: string; readonly runId?: string };
  readonly runId?: string;
}

/** The run that a message is about, as far as the message says. */
export function runOfMessage(message: unknown): { workflowId?: string | undefined; runId?: string | undefined } {
  const m = (message ?? {}) as Loose;
  const execution = m.workflowExecution ?? m.execution;
  return { workflowId: execution?.workflowId ?? m.workflowId, runId: execution?.runId ?? m.runId };
}

/** A few words about a request, for the sequence diagram. */
export function summarizeRequest(rpc: RpcName, request: unknown): string {
  const m = (request ?? {}) as { [field: string]: never } & {
    commands?: { commandType?: string; scheduleActivityTaskCommandAttributes?: { activityType?: { name?: string } } }[];
    taskQueue?: { name?: string; kind?: string }; workflowType?: { name?: string }; signalName?: string; query?: { queryType?: string };
    failure?: { message?: string }; waitNewEvent?: boolean;
  };
  switch (rpc) {
    case 'RespondWorkflowTaskCompleted':
      return (m.commands ?? []).map((c) => `${commandName(c.commandType)}${c.scheduleActivityTaskCommandAttributes ? ` ${c.scheduleActivityTaskCommandAttributes.activityType?.name}` : ''}`).join(', ') || 'no commands';
    case 'PollWorkflowTaskQueue':
      return m.taskQueue?.kind === 'TASK_QUEUE_KIND_STICKY' ? 'sticky' : (m.taskQueue?.name ?? '');
    case 'PollActivityTaskQueue':
      return m.taskQueue?.name ?? '';
    case 'StartWorkflowExecution':
      return m.workflowType?.name ?? '';
    case 'SignalWorkflowExecution':
    case 'SignalWithStartWorkflowExecution':
      return m.signalName ?? '';
    case 'QueryWorkflow':
      return m.query?.queryType ?? '';
    case 'RespondActivityTaskFailed':
    case 'RespondWorkflowTaskFailed':
      return m.failure?.message ?? '';
    case 'GetWorkflowExecutionHistory':
      return m.waitNewEvent ? 'wait for result' : '';
    default:
      return '';
  }
}

/** A few words about a response. */
export function summarizeResponse(rpc: RpcName, response: unknown): string {
  const m = (response ?? {}) as { taskToken?: string; history?: { events?: unknown[] }; activityType?: { name?: string }; attempt?: number; query?: unknown; cancelRequested?: boolean };
  switch (rpc) {
    case 'PollWorkflowTaskQueue':
      if (!m.taskToken) return 'empty';
      return m.query ? 'query' : `task, ${count(m.history?.events)}`;
    case 'PollActivityTaskQueue':
      return m.taskToken ? `${m.activityType?.name ?? 'task'}, attempt ${m.attempt ?? 1}` : 'empty';
    case 'RecordActivityTaskHeartbeat':
      return m.cancelRequested ? 'cancel requested' : '';
    case 'GetWorkflowExecutionHistory':
      return count(m.history?.events);
    default:
      return '';
  }
}

const count = (events: readonly unknown[] = []): string => (events.length === 1 ? '1 event' : `${events.length} events`);
