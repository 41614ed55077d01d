import { describe, expect, test } from 'vitest';
import { startTestProcess, type RpcHandler } from '../testing.ts';

/** The genuine client in the VM, against a scripted Service. */

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const json = (value: unknown): object => ({ metadata: { encoding: base64('json/plain') }, data: base64(JSON.stringify(value)) });
const payloads = (...values: unknown[]): object => ({ payloads: values.map(json) });
const detail = (type: string, fields: object = {}): object => ({ '@type': `type.googleapis.com/temporal.api.errordetails.v1.${type}`, ...fields });
const closed = (attributes: object): object => ({ history: { events: [{ eventId: '5', eventTime: '2026-01-01T00:00:01Z', ...attributes }] } });
const completed = closed({ eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED', workflowExecutionCompletedEventAttributes: { result: payloads('ok') } });

async function run(code: string, rpc: RpcHandler): Promise<{ logs: string[]; code: number | null; calls: [string, any][]; now: number }> {
  const calls: [string, any][] = [];
  const main = `
    import { Client, Connection } from '@temporalio/client';
    import * as sdk from '@temporalio/client';
    async function main() { const connection = await Connection.connect({ address: 'localhost:7233' }); const client = new Client({ connection }); ${code}; await connection.close(); }
    main().catch((error) => { console.error(error); process.exit(1); });`;
  const process = await startTestProcess({ 'src/main.ts': main }, { rpc: (name, request) => (calls.push([name, request]), name === 'GetSystemInfo' ? { response: {} } : rpc(name, request)) });
  process.run();
  return { logs: process.logs, code: process.exitCode, calls: calls.filter(([name]) => name !== 'GetSystemInfo'), now: process.now };
}

describe('requests', () => {
  test('start and result', async () => {
    const r = await run(
      `const h = await client.workflow.start('flow', { taskQueue: 'q', workflowId: 'w', args: [1, { a: 'ü' }], workflowRunTimeout: '90s', retry: { maximumAttempts: 3, initialInterval: '1.5s' }, memo: { k: 1 } });
       console.log(h.workflowId, h.firstExecutionRunId, await h.result())`,
      (name) => ({ response: name === 'StartWorkflowExecution' ? { runId: 'r1', started: true } : completed }),
    );
    expect(r.logs).toEqual(['w r1 ok']);
    expect(r.code).toBe(0);
    expect(r.calls[0]).toEqual(['StartWorkflowExecution', {
      namespace: 'default', identity: '1001@client-1', requestId: expect.any(String), workflowId: 'w', workflowType: { name: 'flow' }, taskQueue: { name: 'q', kind: 'TASK_QUEUE_KIND_NORMAL' },
      input: payloads(1, { a: 'ü' }), workflowRunTimeout: '90s', retryPolicy: { initialInterval: '1.500s', maximumAttempts: 3 }, memo: { fields: { k: json(1) } }, header: {},
      workflowIdReusePolicy: undefined, priority: undefined,
    }]);
    expect(r.calls[1]).toEqual(['GetWorkflowExecutionHistory', { namespace: 'default', execution: { workflowId: 'w', runId: 'r1' }, waitNewEvent: true, historyEventFilterType: 'HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT', skipArchival: true }]);
  });

  test('signal, query, update, cancel, terminate, describe, list, count, history', async () => {
    const info = { execution: { workflowId: 'w', runId: 'r' }, type: { name: 'flow' }, startTime: '2026-01-01T00:00:00.500Z', status: 'WORKFLOW_EXECUTION_STATUS_RUNNING', historyLength: '12', taskQueue: 'q', memo: { fields: { m: json('x') } } };
    const responses: { [rpc: string]: object } = {
      QueryWorkflow: { queryResult: payloads(42) },
      UpdateWorkflowExecution: { updateRef: { workflowExecution: { workflowId: 'w', runId: 'r' }, updateId: 'u' }, stage: 'UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED', outcome: { success: payloads('up') } },
      DescribeWorkflowExecution: { workflowExecutionInfo: info, executionConfig: {} },
      ListWorkflowExecutions: { executions: [info] },
      CountWorkflowExecutions: { count: '3' },
      GetWorkflowExecutionHistory: { history: { events: [{ eventId: '1', eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_STARTED', workflowExecutionStartedEventAttributes: { workflowType: { name: 'flow' } } }] } },
    };
    const r = await run(
      `const h = client.workflow.getHandle('w');
       await h.signal('s', 1); console.log(await h.query('q'), await h.executeUpdate('u', { args: [2], updateId: 'u' }));
       const d = await h.describe(); console.log(d.status.name, d.historyLength, d.startTime, d.memo);
       await h.cancel(); await h.terminate('why');
       for await (const w of client.workflow.list({ query: "a = 'b'" })) console.log(w.workflowId, w.type);
       console.log((await client.workflow.count()).count);
       const history = await h.fetchHistory(); console.log(history.events.length, Number(history.events[0].eventId), history.events[0].workflowExecutionStartedEventAttributes.workflowType.name);`,
      (name) => ({ response: responses[name] ?? {} }),
    );
    expect(r.logs).toEqual(['42 up', 'RUNNING 12 "2026-01-01T00:00:00.500Z" {"m":"x"}', 'w flow', '3', '1 1 flow']);
    expect(r.calls.map(([name]) => name)).toEqual(['SignalWorkflowExecution', 'QueryWorkflow', 'UpdateWorkflowExecution', 'DescribeWorkflowExecution', 'RequestCancelWorkflowExecution', 'TerminateWorkflowExecution', 'ListWorkflowExecutions', 'CountWorkflowExecutions', 'GetWorkflowExecutionHistory']);
    expect(r.calls[2]?.[1]).toMatchObject({ waitPolicy: { lifecycleStage: 'UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED' }, request: { meta: { updateId: 'u' }, input: { name: 'u', args: payloads(2) } } });
  });

  test('schedules', async () => {
    const schedule = {
      spec: { interval: [{ interval: '3600s', phase: '0s' }], structuredCalendar: [{ hour: [{ start: 2, end: 2, step: 1 }] }] }, policies: { overlapPolicy: 'SCHEDULE_OVERLAP_POLICY_SKIP', catchupWindow: '60s' }, state: { notes: 'n' },
      action: { startWorkflow: { workflowId: 'sw', workflowType: { name: 'flow' }, taskQueue: { name: 'q' }, input: payloads(1) } },
    };
    const r = await run(
      `const h = await client.schedule.create({ scheduleId: 's', spec: { intervals: [{ every: '1h' }], calendars: [{ hour: 2 }] }, action: { type: 'startWorkflow', workflowType: 'flow', taskQueue: 'q', args: [1] }, policies: { overlap: 'SKIP' } });
       const d = await h.describe(); console.log(d.spec.intervals, d.action.workflowType, d.info.nextActionTimes, d.state.note);
       await h.pause('p'); await h.trigger(); await h.update((s) => ({ ...s, state: { ...s.state, paused: true } })); await h.delete();
       for await (const s of client.schedule.list()) console.log(s.scheduleId);`,
      (name) => ({ response: name === 'DescribeSchedule' ? { schedule, info: { futureActionTimes: ['2026-01-01T01:00:00Z'], createTime: '2026-01-01T00:00:00Z' }, conflictToken: '' } : name === 'ListSchedules' ? { schedules: [{ scheduleId: 's', info: { spec: {} } }] } : {} }),
    );
    expect(r.logs).toEqual(['[{"every":3600000,"offset":0}] flow ["2026-01-01T01:00:00.000Z"] n', 's']);
    expect(r.calls.map(([name]) => name)).toEqual(['CreateSchedule', 'DescribeSchedule', 'PatchSchedule', 'PatchSchedule', 'DescribeSchedule', 'UpdateSchedule', 'DeleteSchedule', 'ListSchedules']);
    expect(r.calls[0]?.[1].schedule.spec).toMatchObject({ interval: [{ interval: '3600s' }], structuredCalendar: [{ hour: [{ start: 2, end: 2, step: 1 }] }] });
  });
});

describe('errors are the genuine classes', () => {
  const cases: [string, string, RpcHandler, string][] = [
    ['start twice', `client.workflow.start('f', { taskQueue: 'q', workflowId: 'w' })`, () => ({ error: { code: 6, message: 'already running', details: [detail('WorkflowExecutionAlreadyStartedFailure', { runId: 'r' })] } }), 'WorkflowExecutionAlreadyStartedError Workflow execution already started'],
    ['unknown workflow', `client.workflow.getHandle('w').describe()`, () => ({ error: { code: 5, message: 'workflow not found for ID: w' } }), 'WorkflowNotFoundError workflow not found for ID: w'],
    ['unknown namespace', `client.workflow.getHandle('w').describe()`, () => ({ error: { code: 5, message: 'Namespace x is not found.', details: [detail('NamespaceNotFoundFailure', { namespace: 'x' })] } }), "NamespaceNotFoundError Namespace not found: 'x'"],
    ['query handler missing', `client.workflow.getHandle('w').query('q')`, () => ({ error: { code: 3, message: 'unknown queryType q' } }), 'QueryNotRegisteredError unknown queryType q'],
    ['query rejected', `new Client({ connection, queryRejectCondition: 'NOT_OPEN' }).workflow.getHandle('w').query('q')`, () => ({ response: { queryRejected: { status: 'WORKFLOW_EXECUTION_STATUS_COMPLETED' } } }), 'QueryRejectedError Query rejected'],
    ['update failed', `client.workflow.getHandle('w').executeUpdate('u')`, () => ({ response: { updateRef: { workflowExecution: { workflowId: 'w' }, updateId: 'u' }, stage: 'UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED', outcome: { failure: { message: 'no', applicationFailureInfo: { type: 'T' } } } } }), 'WorkflowUpdateFailedError Workflow Update failed no'],
    ['workflow failed', `client.workflow.getHandle('w').result()`, () => ({ response: closed({ eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_FAILED', workflowExecutionFailedEventAttributes: { failure: { message: 'bad', applicationFailureInfo: { type: 'T', nonRetryable: true } }, retryState: 'RETRY_STATE_NON_RETRYABLE_FAILURE' } }) }), 'WorkflowFailedError Workflow execution failed bad'],
    ['workflow timed out', `client.workflow.getHandle('w').result()`, () => ({ response: closed({ eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT', workflowExecutionTimedOutEventAttributes: {} }) }), 'WorkflowFailedError Workflow execution timed out Workflow execution timed out'],
    ['invalid argument', `client.workflow.getHandle('w').signal('s')`, () => ({ error: { code: 3, message: 'bad input' } }), 'ServiceError Failed to signal Workflow 3 INVALID_ARGUMENT: bad input'],
    ['schedule exists', `client.schedule.create({ scheduleId: 's', spec: {}, action: { type: 'startWorkflow', workflowType: 'f', taskQueue: 'q' } })`, () => ({ error: { code: 6, message: 'exists' } }), 'ScheduleAlreadyRunning Schedule already exists and is running'],
    ['schedule unknown', `client.schedule.getHandle('s').describe()`, () => ({ error: { code: 5, message: 'schedule not found' } }), 'ScheduleNotFoundError schedule not found'],
  ];
  test.each(cases)('%s', async (_, code, rpc, expected) => {
    const r = await run(`try { await ${code}; console.log('none') } catch (e) { console.log([e.name, e.message, e.cause && e.cause.message].filter(Boolean).join(' ')) }`, rpc);
    expect(r.logs).toEqual([expected]);
  });

  test('update-with-start: the failed operation decides', async () => {
    const r = await run(
      `const start = new sdk.WithStartWorkflowOperation('f', { workflowId: 'w', taskQueue: 'q', workflowIdConflictPolicy: 'FAIL' });
       try { await client.workflow.executeUpdateWithStart('u', { startWorkflowOperation: start }) } catch (e) { console.log(e.name, e.message) }`,
      () => ({
        error: {
          code: 6, message: 'Update-with-Start could not be executed.',
          details: [detail('MultiOperationExecutionFailure', { statuses: [{ code: 6, message: 'Workflow execution is already running.', details: [detail('WorkflowExecutionAlreadyStartedFailure', { runId: 'r' })] }, { code: 10, message: 'Operation was aborted.', details: [{ '@type': 'type.googleapis.com/temporal.api.failure.v1.MultiOperationExecutionAborted' }] }] })],
        },
      }),
    );
    expect(r.logs).toEqual(['WorkflowExecutionAlreadyStartedError Workflow execution already started']);
  });
});

describe('retries and deadlines are the SDK’s own', () => {
  test('UNAVAILABLE is retried with back-off until it works', async () => {
    let n = 0;
    const r = await run(`await client.workflow.getHandle('w').signal('s'); console.log('sent')`, () => (n++ < 3 ? { error: { code: 14, message: 'refused' } } : { response: {} }));
    expect(r.logs).toEqual(['sent']);
    expect(r.calls).toHaveLength(4);
  });
  test('a lost call ends at its deadline', async () => {
    const r = await run(`try { await client.withDeadline(Date.now() + 2500, () => client.workflow.getHandle('w').signal('s')) } catch (e) { console.log(e.name, e.cause.code, Date.now() - ${Date.UTC(2026, 0, 1)}) }`, () => null);
    expect(r.logs).toEqual(['ServiceError 4 2501']);
  });
  test('an abort signal takes the call back', async () => {
    const r = await run(`const c = new AbortController(); setTimeout(() => c.abort(), 10); try { await client.withAbortSignal(c.signal, () => client.workflow.getHandle('w').signal('s')) } catch (e) { console.log(e.cause.code, sdk.isGrpcCancelledError(e)) }`, () => null);
    expect(r.logs).toEqual(['1 true']);
  });
});

test('envconfig without a file or variables gives the defaults; variables count', async () => {
  const process = await startTestProcess(
    { 'src/main.ts': `import { loadClientConnectConfig } from '@temporalio/envconfig'; console.log(loadClientConnectConfig());` },
    { boot: { env: { TEMPORAL_NAMESPACE: 'n', TEMPORAL_ADDRESS: 'h:1' } } },
  );
  expect(process.logs).toEqual(['{"namespace":"n","connectionOptions":{"address":"h:1"}}']);
});
