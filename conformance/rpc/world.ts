import type { Command, HistoryEvent, Message, PollActivityTaskQueueResponse, PollWorkflowTaskQueueResponse, RpcName, Rpcs } from '../../src/api/proto.ts';
import { short } from '../../src/engine/service/testing/driver.ts';

/** How a call ended, as gRPC tells it. */
export type Outcome<N extends RpcName> = { readonly ok: true; readonly response: Rpcs[N]['response'] } | { readonly ok: false; readonly status: Status };

export interface Status {
  readonly code: number;
  readonly message: string;
  readonly details?: readonly unknown[];
}

/** A Service to talk to by RPC: a real server, or ours. */
export interface Server {
  /** Calls. The function that is returned waits for the answer. */
  begin<N extends RpcName>(rpc: N, request: Rpcs[N]['request']): () => Promise<Outcome<N>>;
  /** Lets time pass. */
  wait(ms: number): Promise<void>;
}

/** One call of a script, and its answer: what is recorded and compared. */
export interface Entry {
  readonly call: string;
  readonly answer: unknown;
}

/** What a script does: calls, one after the other, as clients and workers of one workflow. */
export type Script = (w: World) => Promise<void>;

type Fields<N extends RpcName> = Omit<Rpcs[N]['request'], 'namespace'>;

const UPDATE = 'type.googleapis.com/temporal.api.update.v1.';

/** What scripts are written with: RPCs, and short words for the usual ones. Everything that is answered is written down. */
export class World {
  readonly entries: Entry[] = [];
  /** The script's workflow and task queue; every script has its own. */
  readonly wf: string;
  readonly queue: string;
  readonly #server: Server;

  constructor(server: Server, name: string) {
    this.#server = server;
    this.wf = `wf-${name}`;
    this.queue = `queue-${name}`;
  }

  /** Calls, and waits for the answer. */
  async call<N extends RpcName>(rpc: N, request: Fields<N>): Promise<Outcome<N>> {
    return this.begin(rpc, request)();
  }

  /** Calls; the answer comes later, by the function that is returned. */
  begin<N extends RpcName>(rpc: N, request: Fields<N>): () => Promise<Outcome<N>> {
    const pending = this.#server.begin(rpc, plain({ namespace: 'default', ...request }) as Rpcs[N]['request']);
    return async () => {
      const outcome = await pending();
      this.entries.push({ call: rpc, answer: plain(outcome) });
      return outcome;
    };
  }

  /** Calls what has to succeed. */
  async ok<N extends RpcName>(rpc: N, request: Fields<N>): Promise<Rpcs[N]['response']> {
    const outcome = await this.call(rpc, request);
    if (!outcome.ok) throw new Error(`${rpc}: ${outcome.status.code} ${outcome.status.message}`);
    return outcome.response;
  }

  /** Calls what has to be refused. */
  async refuse<N extends RpcName>(rpc: N, request: Fields<N>): Promise<Status> {
    const outcome = await this.call(rpc, request);
    if (outcome.ok) throw new Error(`${rpc} was not refused`);
    return outcome.status;
  }

  wait(ms: number): Promise<void> {
    return this.#server.wait(ms);
  }

  // ---- clients

  execution(runId?: string): { workflowId: string; runId?: string } {
    return runId ? { workflowId: this.wf, runId } : { workflowId: this.wf };
  }

  async start(more: Partial<Fields<'StartWorkflowExecution'>> = {}): Promise<string> {
    const response = await this.ok('StartWorkflowExecution', this.startRequest(more));
    return response.runId ?? '';
  }

  startRequest(more: Partial<Fields<'StartWorkflowExecution'>> = {}): Fields<'StartWorkflowExecution'> {
    return { workflowId: this.wf, workflowType: { name: 'flow' }, taskQueue: { name: this.queue }, identity: 'client', requestId: `start-${this.wf}`, ...more };
  }

  async signal(signalName = 'go', workflowExecution: { workflowId: string; runId?: string } = this.execution()): Promise<void> {
    await this.ok('SignalWorkflowExecution', { workflowExecution, signalName, identity: 'client' });
  }

  async terminate(runId?: string): Promise<void> {
    await this.ok('TerminateWorkflowExecution', { workflowExecution: this.execution(runId), reason: 'enough', identity: 'client' });
  }

  async cancel(): Promise<void> {
    await this.ok('RequestCancelWorkflowExecution', { workflowExecution: this.execution(), identity: 'client', reason: 'stop' });
  }

  /** Sends an update and waits until the Service has it. */
  async update(updateId = 'u1', more: Partial<Fields<'UpdateWorkflowExecution'>> = {}): Promise<() => Promise<Outcome<'UpdateWorkflowExecution'>>> {
    const answer = this.begin('UpdateWorkflowExecution', {
      workflowExecution: this.execution(), waitPolicy: { lifecycleStage: 'UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED' },
      request: { meta: { updateId, identity: 'client' }, input: { name: 'set' } }, ...more,
    });
    await this.wait(200);
    return answer;
  }

  /** The history as GetWorkflowExecutionHistory shows it. */
  async history(execution: { workflowId: string; runId?: string } = this.execution()): Promise<HistoryEvent[]> {
    const response = await this.ok('GetWorkflowExecutionHistory', { execution });
    return response.history?.events ?? [];
  }

  /** The short form of a history. A transient or speculative Workflow Task, which is shown but not kept, is in brackets. */
  async sequence(execution?: { workflowId: string; runId?: string }): Promise<string> {
    const events = await this.history(execution);
    const kept = events.filter((e) => e.taskId !== undefined && e.taskId !== '0').length;
    const suffix = short(events.slice(kept));
    return short(events.slice(0, kept)) + (suffix ? ` (${suffix})` : '');
  }

  /** Fails unless a history has this short form. Event ids need no words: events are numbered from 1 without gaps. */
  async shows(expected: string, execution?: { workflowId: string; runId?: string }): Promise<void> {
    const actual = await this.sequence(execution);
    if (actual !== expected) throw new Error(`${execution?.workflowId ?? this.wf} shows ${actual}, expected ${expected}`);
  }

  // ---- workers

  poll(taskQueue: { name: string; kind?: 'TASK_QUEUE_KIND_STICKY'; normalName?: string } = { name: this.queue }): Promise<PollWorkflowTaskQueueResponse> {
    return this.ok('PollWorkflowTaskQueue', { taskQueue, identity: 'worker' });
  }

  complete(task: PollWorkflowTaskQueueResponse, commands: Command[] = [], more: Partial<Fields<'RespondWorkflowTaskCompleted'>> = {}): Promise<Rpcs['RespondWorkflowTaskCompleted']['response']> {
    return this.ok('RespondWorkflowTaskCompleted', this.completion(task, commands, more));
  }

  /** A completion of a Workflow Task by a worker that takes the next task with the answer, as the TypeScript SDK does. */
  completion(task: PollWorkflowTaskQueueResponse, commands: Command[] = [], more: Partial<Fields<'RespondWorkflowTaskCompleted'>> = {}): Fields<'RespondWorkflowTaskCompleted'> {
    return { taskToken: task.taskToken, identity: 'worker', commands, returnNewWorkflowTask: true, ...more };
  }

  async failTask(task: PollWorkflowTaskQueueResponse): Promise<void> {
    await this.ok('RespondWorkflowTaskFailed', { taskToken: task.taskToken, identity: 'worker', cause: 'WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE', failure: { message: 'bad' } });
  }

  pollActivity(name = this.queue): Promise<PollActivityTaskQueueResponse> {
    return this.ok('PollActivityTaskQueue', { taskQueue: { name }, identity: 'worker' });
  }

  async completeActivity(task: PollActivityTaskQueueResponse): Promise<void> {
    await this.ok('RespondActivityTaskCompleted', { taskToken: task.taskToken, identity: 'worker' });
  }

  async failActivity(task: PollActivityTaskQueueResponse, info: { type?: string; nonRetryable?: boolean } = {}): Promise<void> {
    await this.ok('RespondActivityTaskFailed', { taskToken: task.taskToken, identity: 'worker', failure: { message: 'no luck', applicationFailureInfo: info } });
  }

  heartbeat(task: PollActivityTaskQueueResponse): Promise<Rpcs['RecordActivityTaskHeartbeat']['response']> {
    return this.ok('RecordActivityTaskHeartbeat', { taskToken: task.taskToken, identity: 'worker', details: { payloads: [{ data: 'MQ==' }] } });
  }

  // ---- commands

  activity(activityId: string, more: NonNullable<Command['scheduleActivityTaskCommandAttributes']> = {}): Command {
    return {
      commandType: 'COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK',
      scheduleActivityTaskCommandAttributes: { activityId, activityType: { name: 'act' }, taskQueue: { name: this.queue }, startToCloseTimeout: '60s', ...more },
    };
  }
}

/** A plain copy, without what is undefined. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown;

// ---- messages of updates

type Protocol = { readonly messages: Message[]; readonly commands: Command[] };

const request = (task: PollWorkflowTaskQueueResponse, index = 0): Message => {
  const message = task.messages?.[index];
  if (!message) throw new Error('the Workflow Task carries no message');
  return message;
};

/** The worker's messages on the update that its task carries. */
export const acceptance = (task: PollWorkflowTaskQueueResponse, index = 0): Message => {
  const m = request(task, index);
  return {
    id: `${m.protocolInstanceId}/accept`, protocolInstanceId: m.protocolInstanceId,
    body: { '@type': `${UPDATE}Acceptance`, acceptedRequestMessageId: m.id, acceptedRequestSequencingEventId: m.eventId, acceptedRequest: untyped(m.body) },
  };
};
export const response = (task: PollWorkflowTaskQueueResponse, index = 0): Message => {
  const m = request(task, index);
  return { id: `${m.protocolInstanceId}/complete`, protocolInstanceId: m.protocolInstanceId, body: { '@type': `${UPDATE}Response`, meta: { updateId: m.protocolInstanceId }, outcome: { success: {} } } };
};
export const rejection = (task: PollWorkflowTaskQueueResponse, index = 0): Message => {
  const m = request(task, index);
  return {
    id: `${m.protocolInstanceId}/reject`, protocolInstanceId: m.protocolInstanceId,
    body: { '@type': `${UPDATE}Rejection`, rejectedRequestMessageId: m.id, rejectedRequestSequencingEventId: m.eventId, rejectedRequest: untyped(m.body), failure: { message: 'no' } },
  };
};

/** What an Any holds, without its type: an Acceptance names the request as itself. */
function untyped(any: Message['body']): object {
  const { '@type': _type, ...fields } = any as { '@type': string };
  return fields;
}

/** Messages with the commands that put them in order. */
export const inOrder = (...messages: Message[]): Protocol => ({
  messages,
  commands: messages.map((m) => ({ commandType: 'COMMAND_TYPE_PROTOCOL_MESSAGE', protocolMessageCommandAttributes: { messageId: m.id } })),
});
