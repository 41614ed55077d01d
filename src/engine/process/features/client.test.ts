import { describe, expect, test } from 'vitest';
import { runInline, type InlineProject } from '../../../testing/inline-project.ts';

/** The genuine client against the simulated Service. */

const WORKFLOWS = `
export const go = wf.defineSignal<[string]>('go');
export const state = wf.defineQuery<unknown, [string?]>('state');
export const set = wf.defineUpdate<string, [string]>('set');
export async function quick(text = 'x') { return 'quick ' + text; }
export async function waits() {
  const got: string[] = [];
  wf.setHandler(go, (v) => { got.push(v); });
  wf.setHandler(state, (prefix) => { if (prefix === 'throw') throw new Error('query broke'); return (prefix ?? '') + got.join(','); });
  wf.setHandler(set, async (v) => { if (v === 'slow') await wf.sleep('1h'); if (v === 'fail') throw wf.ApplicationFailure.create({ message: 'update failed', type: 'Bad' }); got.push(v); return 'set ' + v; }, { validator: (v) => { if (v === 'reject') throw new Error('rejected'); } });
  await wf.condition(() => got.includes('end'));
  return got;
}
export async function chain(n: number): Promise<string> { if (n > 0) { await wf.sleep(1000); await wf.continueAsNew<typeof chain>(n - 1); } return 'end of the chain'; }
export async function fails() { throw wf.ApplicationFailure.create({ message: 'it failed', type: 'Own', details: [1, { two: 2 }], nonRetryable: true, cause: new Error('root cause') }); }
export async function longs() { await wf.sleep('30 days'); }
export async function failsByActivity() { await acts({ startToCloseTimeout: '1m', retry: { maximumAttempts: 1 } }).boom(); }
export async function failsByChild() { await wf.executeChild('fails', { workflowId: 'kid' }); }
export async function timesOutActivity() { await acts({ startToCloseTimeout: '1s', retry: { maximumAttempts: 1 } }).never(); }
`;
const ACTIVITIES = `export async function boom() { throw new TypeError('activity broke'); } export async function never() { await act.sleep('1 day'); }`;
const HEAD = `const { workflow } = client; const start = (type: string, id: string, more: object = {}) => workflow.start(type, { taskQueue: 'q', workflowId: id, ...more } as any); void start;\n`;
const ask = async (client: string, more: InlineProject = {}, options: Parameters<typeof runInline>[1] = {}) => runInline({ workflows: WORKFLOWS, activities: ACTIVITIES, client: HEAD + client, ...more }, options);
const said = async (client: string): Promise<string[]> => (await ask(client)).log('client-1');

describe('workflows', () => {
  test('start, handle, signal, query, update, result, describe', async () => {
    expect(await said(`
      const h = await start('waits', 'w', { memo: { a: 1 } });
      console.log(h.workflowId, h.firstExecutionRunId.length);
      await h.signal('go', 'one');
      console.log(await h.query('state', 'got '), await h.executeUpdate('set', { args: ['two'] }));
      const d = await h.describe();
      console.log(d.status.name, d.type, d.taskQueue, d.historyLength > 5, d.memo, d.startTime instanceof Date, d.closeTime ?? null);
      await h.signal('go', 'end');
      console.log(await h.result());
      const e = await h.describe();
      console.log(e.status.name, e.closeTime instanceof Date, e.runId === h.firstExecutionRunId);
      console.log((await h.fetchHistory()).events!.length, (await h.fetchHistory()).events![0]!.eventType);
    `)).toMatchInlineSnapshot(`
      [
        "w 36",
        "got one set two",
        "RUNNING waits q true {"a":1} true null",
        "["one","two","end"]",
        "COMPLETED true true",
        "18 1",
      ]
    `);
  });
  test('signalWithStart starts once', async () => {
    expect(await said(`
      const options = { taskQueue: 'q', workflowId: 'w', signal: 'go' } as const;
      const a = await workflow.signalWithStart('waits', { ...options, signalArgs: ['one'] }); const b = await workflow.signalWithStart('waits', { ...options, signalArgs: ['end'] });
      console.log(a.signaledRunId === b.signaledRunId, await b.result());
    `)).toEqual(['true ["one","end"]']);
  });
  test('updates: stages, handles, update-with-start', async () => {
    expect(await said(`
      const h = await start('waits', 'w');
      const u = await h.startUpdate('set', { args: ['a'], waitForStage: 'ACCEPTED', updateId: 'id-1' });
      console.log(u.updateId, await u.result(), await h.getUpdateHandle('id-1').result());
      console.log(await h.executeUpdate('set', { args: ['again'], updateId: 'id-1' }));
      const operation = new C.WithStartWorkflowOperation('waits', { taskQueue: 'q', workflowId: 'v', workflowIdConflictPolicy: 'USE_EXISTING' } as any);
      console.log(await workflow.executeUpdateWithStart('set', { args: ['first'], startWorkflowOperation: operation } as any));
      console.log((await operation.workflowHandle()).workflowId);
      const again = new C.WithStartWorkflowOperation('waits', { taskQueue: 'q', workflowId: 'v', workflowIdConflictPolicy: 'USE_EXISTING' } as any);
      const late = await workflow.startUpdateWithStart('set', { args: ['end'], waitForStage: 'ACCEPTED', startWorkflowOperation: again } as any);
      console.log(await late.result(), await (await again.workflowHandle()).result());
    `)).toMatchInlineSnapshot(`
      [
        "id-1 set a set a",
        "set a",
        "set first",
        "v",
        "set end ["first","end"]",
      ]
    `);
  });
  test('result across continue-as-new, or of one run only', async () => {
    expect(await said(`
      const h = await start('chain', 'w', { args: [2] });
      console.log(await h.result());
      console.log(await why(() => workflow.getHandle('w', h.firstExecutionRunId, { followRuns: false }).result()));
      console.log((await workflow.getHandle('w').describe()).status.name, (await workflow.getHandle('w', h.firstExecutionRunId).describe()).status.name);
      console.log(await workflow.result('w', h.firstExecutionRunId));
    `)).toMatchInlineSnapshot(`
      [
        "end of the chain",
        "WorkflowContinuedAsNewError: Workflow execution continued as new",
        "COMPLETED CONTINUED_AS_NEW",
        "end of the chain",
      ]
    `);
  });
  test('cancel, terminate, reset', async () => {
    expect(await said(`
      const a = await start('longs', 'a'); await a.cancel(); console.log(await why(() => a.result()), (await a.describe()).status.name);
      const b = await start('longs', 'b'); await b.terminate('enough', { by: 'me' }); console.log(await why(() => b.result()), (await b.describe()).status.name);
      const c = await start('waits', 'c'); await c.signal('go', 'kept'); await sleep(100);
      const { runId } = await client.workflowService.resetWorkflowExecution({ namespace: 'default', workflowExecution: { workflowId: 'c' }, workflowTaskFinishEventId: 4 as any, reason: 'again', requestId: 'r1' });
      console.log(runId.length, (await workflow.getHandle('c', c.firstExecutionRunId).describe()).status.name, await workflow.getHandle('c').query('state'));
    `)).toMatchInlineSnapshot(`
      [
        "WorkflowFailedError: Workflow execution cancelled <- CancelledFailure: Workflow canceled CANCELLED",
        "WorkflowFailedError: enough <- TerminatedFailure: enough TERMINATED",
        "36 TERMINATED kept",
      ]
    `);
  });
  test('a result that is long in coming is waited for over many long polls', async () => {
    const run = await ask(`const h = await start('longs', 'w'); await h.result(); console.log(Math.round((Date.now() - Date.UTC(2026, 0, 1)) / 86_400_000), 'days');`);
    expect(run.log('client-1')).toEqual(['30 days']);
    expect(run.output.steps).toBeLessThan(1_000_000);
  });
});

describe('errors are the genuine classes with the genuine texts', () => {
  test('results', async () => {
    expect(await said(`
      for (const type of ['fails', 'failsByActivity', 'failsByChild', 'timesOutActivity']) console.log(type, await why(() => workflow.execute(type, { taskQueue: 'q', workflowId: type })));
      console.log(await why(() => workflow.execute('longs', { taskQueue: 'q', workflowId: 't', workflowRunTimeout: '3s' })));
      const e: any = await workflow.execute('fails', { taskQueue: 'q', workflowId: 'd' }).catch((x) => x);
      console.log(e instanceof C.WorkflowFailedError, e.cause instanceof common.ApplicationFailure, e.cause.type, e.cause.details, e.cause.nonRetryable, e.retryState);
    `)).toMatchInlineSnapshot(`
      [
        "fails WorkflowFailedError: Workflow execution failed <- ApplicationFailure: it failed <- TemporalFailure: root cause",
        "failsByActivity WorkflowFailedError: Workflow execution failed <- ActivityFailure: Activity task failed <- ApplicationFailure: activity broke",
        "failsByChild WorkflowFailedError: Workflow execution failed <- ChildWorkflowFailure: Child Workflow execution failed <- ApplicationFailure: it failed <- TemporalFailure: root cause",
        "timesOutActivity WorkflowFailedError: Workflow execution failed <- ActivityFailure: Activity task timed out <- TimeoutFailure: activity StartToClose timeout",
        "WorkflowFailedError: Workflow execution timed out <- TimeoutFailure: Workflow execution timed out",
        "true true Own [1,{"two":2}] true RETRY_POLICY_NOT_SET",
      ]
    `);
  });
  test('starts', async () => {
    expect(await said(`
      await start('waits', 'w');
      const e: any = await start('waits', 'w').catch((x) => x);
      console.log(e.constructor.name, e instanceof C.WorkflowExecutionAlreadyStartedError, e.message, e.workflowId, e.workflowType);
      await workflow.execute('quick', { taskQueue: 'q', workflowId: 'done' });
      console.log(await why(() => start('quick', 'done', { workflowIdReusePolicy: 'REJECT_DUPLICATE' })));
      console.log(await why(async () => (await start('quick', 'done', { workflowIdReusePolicy: 'ALLOW_DUPLICATE' })).result()));
      console.log(await why(async () => (await start('waits', 'w', { workflowIdConflictPolicy: 'USE_EXISTING' })).workflowId));
      console.log(await why(() => workflow.start('quick', { taskQueue: 'q' } as any)));
      console.log(await why(() => new C.Client({ namespace: 'elsewhere' }).workflow.start('quick', { taskQueue: 'q', workflowId: 'n' })));
      console.log(await why(() => start('quick', 'x'.repeat(2000))));
    `)).toMatchInlineSnapshot(`
      [
        "WorkflowExecutionAlreadyStartedError true Workflow execution already started w waits",
        "WorkflowExecutionAlreadyStartedError: Workflow execution already started",
        "no error: "quick x"",
        "no error: "w"",
        "TypeError: Missing WorkflowOptions.workflowId",
        "NamespaceNotFoundError: Namespace not found: 'elsewhere'",
        "ServiceError: Failed to start Workflow <- Error: 3 INVALID_ARGUMENT: WorkflowId exceeds maximum allowed length (2000/1000)",
      ]
    `);
  });
  test('of what is not there', async () => {
    expect(await said(`
      const h = workflow.getHandle('nobody');
      for (const [name, body] of Object.entries({ result: () => h.result(), describe: () => h.describe(), signal: () => h.signal('go', 'x'), query: () => h.query('state'), update: () => h.executeUpdate('set', { args: ['x'] }), cancel: () => h.cancel(), terminate: () => h.terminate(), history: () => h.fetchHistory(), updateHandle: () => h.getUpdateHandle('u').result() })) console.log(name, await why(body as any));
      const w = await start('quick', 'w'); await w.result();
      console.log('closed signal', await why(() => w.signal('go', 'x'))); console.log('closed cancel', await why(() => w.cancel())); console.log('closed update', await why(() => w.executeUpdate('set', { args: ['x'] })));
    `)).toMatchInlineSnapshot(`
      [
        "result WorkflowNotFoundError: workflow not found for ID: nobody",
        "describe WorkflowNotFoundError: workflow not found for ID: nobody",
        "signal WorkflowNotFoundError: workflow not found for ID: nobody",
        "query WorkflowNotFoundError: workflow not found for ID: nobody",
        "update WorkflowNotFoundError: workflow not found for ID: nobody",
        "cancel WorkflowNotFoundError: workflow not found for ID: nobody",
        "terminate WorkflowNotFoundError: workflow not found for ID: nobody",
        "history Error: 5 NOT_FOUND: workflow not found for ID: nobody",
        "updateHandle WorkflowNotFoundError: workflow not found for ID: nobody",
        "closed signal WorkflowNotFoundError: workflow execution already completed",
        "closed cancel no error: {}",
        "closed update WorkflowNotFoundError: workflow execution already completed",
      ]
    `);
  });
  test('queries and updates', async () => {
    expect(await said(`
      const h = await start('waits', 'w');
      console.log(await why(() => h.query('unknown'))); console.log(await why(() => h.query('state', 'throw')));
      console.log(await why(() => h.executeUpdate('set', { args: ['reject'] }))); console.log(await why(() => h.executeUpdate('set', { args: ['fail'] }))); console.log(await why(() => h.executeUpdate('unknown')));
      const slow = await h.startUpdate('set', { args: ['slow'], waitForStage: 'ACCEPTED' });
      console.log(await why(() => client.withDeadline(Date.now() + 2000, () => slow.result())));
      console.log(await why(() => client.withDeadline(Date.now() + 2000, () => h.executeUpdate('set', { args: ['slow'] }))));
      const abort = new AbortController(); setTimeout(() => abort.abort(), 1000);
      console.log(await why(() => client.withAbortSignal(abort.signal, () => slow.result())));
      await h.terminate(); console.log(await why(() => slow.result()));
      const strict = new C.Client({ workflow: { queryRejectCondition: 'NOT_OPEN' } });
      console.log(await why(() => strict.workflow.getHandle('w').query('state')));
    `)).toMatchInlineSnapshot(`
      [
        "QueryNotRegisteredError: Workflow did not register a handler for unknown. Registered queries: [__stack_trace __enhanced_stack_trace __temporal_workflow_metadata state]",
        "QueryNotRegisteredError: query broke",
        "WorkflowUpdateFailedError: Workflow Update failed <- ApplicationFailure: rejected",
        "WorkflowUpdateFailedError: Workflow Update failed <- ApplicationFailure: update failed",
        "WorkflowUpdateFailedError: Workflow Update failed <- ApplicationFailure: No registered handler for update: unknown",
        "WorkflowUpdateRPCTimeoutOrCancelledError: Deadline exceeded after 2.000s,remote_addr=127.0.0.1:7233 <- Error: 4 DEADLINE_EXCEEDED: Deadline exceeded after 2.000s,remote_addr=127.0.0.1:7233",
        "WorkflowUpdateRPCTimeoutOrCancelledError: Deadline exceeded after 2.000s,remote_addr=127.0.0.1:7233 <- Error: 4 DEADLINE_EXCEEDED: Deadline exceeded after 2.000s,remote_addr=127.0.0.1:7233",
        "WorkflowUpdateRPCTimeoutOrCancelledError: Cancelled on client <- Error: 1 CANCELLED: Cancelled on client",
        "WorkflowUpdateFailedError: Workflow Update failed <- ApplicationFailure: Workflow Update failed because the Workflow completed before the Update completed.",
        "QueryRejectedError: Query rejected",
      ]
    `);
  });
  test('no worker: query and update', async () => {
    const run = await ask(`const h = await workflow.start('waits', { taskQueue: 'empty', workflowId: 'w' }); console.log(await why(() => h.query('state'))); console.log(await why(() => client.withDeadline(Date.now() + 5000, () => h.executeUpdate('set', { args: ['x'] }))));`);
    expect(run.log('client-1')).toMatchInlineSnapshot(`
      [
        "ServiceError: Failed to query Workflow <- Error: 4 DEADLINE_EXCEEDED: query timed out before a worker could process it",
        "WorkflowUpdateRPCTimeoutOrCancelledError: Deadline exceeded after 5.000s,remote_addr=127.0.0.1:7233 <- Error: 4 DEADLINE_EXCEEDED: Deadline exceeded after 5.000s,remote_addr=127.0.0.1:7233",
      ]
    `);
  });
});

describe('messages', () => {
  test('print as protobufjs prints them, and hold Buffers', async () => {
    expect(await said(`
      const seen: any[] = []; const codec = { encode: async (p: any[]) => p, decode: async (p: any[]) => { seen.push(...p); return p; } };
      const coded = new C.Client({ dataConverter: { payloadCodecs: [codec] } });
      await coded.workflow.execute('quick', { taskQueue: 'q', workflowId: 'w', args: ['a'] });
      console.log(seen[0].data.constructor.name, seen[0].data.toString(), seen[0].metadata.encoding.toString(), JSON.stringify(seen[0]));
      const h = workflow.getHandle('w'); const { events } = await h.fetchHistory(); const { eventTime, ...second } = events![1]!;
      console.log(JSON.stringify(events![1]).replace(/"eventTime":\\{[^}]*\\}/, '"eventTime":{}'), Object.keys(JSON.parse(JSON.stringify(eventTime))), JSON.stringify(second).length > 2);
      console.log(JSON.stringify((await h.describe()).raw.executionConfig), JSON.stringify(events!.at(-1)!.workflowExecutionCompletedEventAttributes));
    `)).toMatchInlineSnapshot(`
      [
        "Buffer "quick a" json/plain {"metadata":{"encoding":"anNvbi9wbGFpbg=="},"data":"InF1aWNrIGEi"}",
        "{"eventId":"2","eventTime":{},"eventType":"EVENT_TYPE_WORKFLOW_TASK_SCHEDULED","taskId":"1048578","workflowTaskScheduledEventAttributes":{"taskQueue":{"name":"q","kind":"TASK_QUEUE_KIND_NORMAL"},"startToCloseTimeout":{"seconds":"10"},"attempt":1}} ["seconds","nanos"] true",
        "{"taskQueue":{"name":"q","kind":"TASK_QUEUE_KIND_NORMAL"},"defaultWorkflowTaskTimeout":{"seconds":"10"}} {"result":{"payloads":[{"metadata":{"encoding":"anNvbi9wbGFpbg=="},"data":"InF1aWNrIGEi"}]},"workflowTaskCompletedEventId":"4"}",
      ]
    `);
  });
});

describe('the connection', () => {
  test('withDeadline, withMetadata, withAbortSignal', async () => {
    expect(await said(`
      const h = await start('longs', 'w');
      const at = Date.now();
      console.log(await why(() => client.withDeadline(Date.now() + 3000, () => h.result())), Date.now() - at);
      console.log(await client.withMetadata({ a: 'b' }, async () => (await h.describe()).status.name));
      const abort = new AbortController(); setTimeout(() => abort.abort(), 500);
      console.log(await why(() => client.withAbortSignal(abort.signal, () => h.result())));
    `)).toMatchInlineSnapshot(`
      [
        "ServiceError: Failed to get Workflow execution history <- Error: 4 DEADLINE_EXCEEDED: Deadline exceeded after 3.000s,remote_addr=127.0.0.1:7233 3000",
        "RUNNING",
        "ServiceError: Failed to get Workflow execution history <- Error: 1 CANCELLED: Cancelled on client",
      ]
    `);
  });
  test('UNAVAILABLE is retried with the SDK’s own back-off', async () => {
    const run = await ask(`const at = Date.now(); const h = await start('quick', 'w'); console.log(await h.result(), Date.now() - at > 1000);`, {}, { faults: [{ when: { rpc: 'StartWorkflowExecution' }, do: { outage: { service: 'temporal', for: '2s' } } }] });
    expect(run.log('client-1')).toEqual(['quick x true']);
    // While the channel waits before it connects again, its calls fail without leaving the process.
    expect(run.of('delivery').filter((d) => d.rpc === 'StartWorkflowExecution' && d.edge === 'request').length).toBe(2);
  });
  test('connecting waits for the Service, as long as connectTimeout says', async () => {
    const run = await ask(
      `
      const began = Date.now(); const at = () => Math.round((Date.now() - began) / 1000) + ' s';
      const result = start('longs', 'w').then((h) => h.result()).catch((e) => console.log(at(), 'result', e.message, '<-', e.cause.message));
      await new Promise((r) => setTimeout(r, 12_000 - (Date.now() - began)));
      for (const connectTimeout of ['3s', undefined, undefined]) console.log(at(), await why(async () => (await C.Connection.connect({ connectTimeout } as any)).options.address), at());
      console.log(await why(() => C.Connection.connect({ address: 'localhost:7234', connectTimeout: '1s' })), at());
      console.log(await why(() => new C.Client({ connection: C.Connection.lazy({ address: 'nobody.invalid' }) }).workflow.getHandle('w').describe()));
      await result;
    `,
      {},
      { faults: [{ when: { at: '10s' }, do: { outage: { service: 'temporal', for: '20s' } } }] },
    );
    expect(run.log('client-1')).toMatchInlineSnapshot(`
      [
        "12 s Error: Failed to connect before the deadline 15 s",
        "15 s Error: Failed to connect before the deadline 25 s",
        "32 s result Failed to get Workflow execution history <- 14 UNAVAILABLE: No connection established. Last error: Error: connect ECONNREFUSED 127.0.0.1:7233. Resolution note: ",
        "25 s no error: "localhost:7233" 32 s",
        "Error: Failed to connect before the deadline 33 s",
        "ServiceError: Failed to describe workflow <- Error: 14 UNAVAILABLE: Name resolution failed for target dns:nobody.invalid:7233",
      ]
    `);
  });
  test('a call without a deadline whose message is lost: the connection turns out to be dead, and the call is sent again', async () => {
    const run = await ask(
      `const at = Date.now(); const h = await start('quick', 'w'); console.log(Date.now() - at > 45_000, await h.result());`,
      {},
      { faults: [{ when: { rpc: 'StartWorkflowExecution', edge: 'response' }, do: { drop: true } }] },
    );
    expect(run.log('client-1')).toEqual(['true quick x']);
    const plain = await ask(
      `const c = new C.Client({ connection: C.Connection.lazy({ interceptors: [] }) }); console.log(await why(() => c.workflow.start('quick', { taskQueue: 'q', workflowId: 'w' })));`,
      {},
      { faults: [{ when: { rpc: 'StartWorkflowExecution' }, do: { drop: true } }] },
    );
    expect(plain.log('client-1')).toEqual([
      'ServiceError: Failed to start Workflow <- Error: 14 UNAVAILABLE: Connection dropped',
    ]);
  });
  test('a Service that stays away ends in a ServiceError', async () => {
    const run = await ask(`console.log(await why(() => start('quick', 'w')));`, {}, { faults: [{ when: { rpc: 'StartWorkflowExecution' }, do: { outage: { service: 'temporal', for: '10m' } } }] });
    expect(run.log('client-1')).toMatchInlineSnapshot(`
      [
        "ServiceError: Failed to start Workflow <- Error: 14 UNAVAILABLE: No connection established. Last error: Error: connect ECONNREFUSED 127.0.0.1:7233. Resolution note: ",
      ]
    `);
  });
  test('over a worker’s connection: Core’s deadlines, retries and errors', async () => {
    const run = await ask(
      '',
      {
        worker: `
        const { Client } = await import('@temporalio/client');
        const began = Date.now(); const at = () => Math.round((Date.now() - began) / 1000) + ' s'; const wait = (ms: number) => new Promise((r) => setTimeout(r, ms));
        const why = async (body: () => Promise<unknown>) => { try { return await body(); } catch (error: any) { return [error, error.cause].filter(Boolean).map((e) => e.constructor.name + ': ' + e.message + ' ' + e.code + ' ' + JSON.stringify(e.details) + ' ' + String(e.stack).slice(0, 9)).join(' <- '); } };
        await wait(1000);
        console.log(await why(() => W.NativeConnection.connect()), at());
        console.log(await why(() => W.NativeConnection.connect({ address: 'nobody.invalid' })), at());
        await wait(6000);
        const connection = await W.NativeConnection.connect(); const client = new Client({ connection });
        console.log(await why(() => client.workflow.getHandle('nobody').describe()));
        console.log(await why(() => connection.workflowService.describeNamespace({ namespace: 'nowhere' })));
        console.log(await why(() => client.withDeadline(Date.now() - 1, () => client.workflow.getHandle('nobody').signal('x'))));
        await wait(5000);
        console.log(at(), await why(() => client.workflow.getHandle('nobody').signal('x')), at());
        console.log(await why(() => W.Worker.create({ connection, taskQueue: 'q', activities })), at());
        await connection.close();
        console.log(await why(() => client.workflow.getHandle('nobody').signal('x')));`,
        files: { 'src/activities.ts': 'export async function a() {}' },
      },
      {
        faults: [
          { when: { at: '0s' }, do: { outage: { service: 'temporal', for: '5s' } } },
          { when: { at: '10s' }, do: { outage: { service: 'temporal', for: '60s' } } },
        ],
      },
    );
    expect(run.log('worker-1')).toMatchInlineSnapshot(`
      [
        "TransportError: tonic::transport::Error(Transport, ConnectError(ConnectError("tcp connect error", 127.0.0.1:7233, Os { code: 111, kind: ConnectionRefused, message: "Connection refused" }))) undefined undefined Transport 1 s",
        "TransportError: tonic::transport::Error(Transport, ConnectError(ConnectError("dns error", Custom { kind: Uncategorized, error: "failed to lookup address information: Name or service not known" }))) undefined undefined Transport 1 s",
        "WorkflowNotFoundError:  undefined undefined WorkflowN",
        "ServiceError: Namespace nowhere is not found. 5 "" undefined",
        "ServiceError: Failed to signal Workflow undefined undefined ServiceEr <- ServiceError: Timeout expired 1 "" undefined",
        "12 s ServiceError: Failed to signal Workflow undefined undefined ServiceEr <- ServiceError: tcp connect error 14 "" undefined 18 s",
        "TransportError: Namespace default was not found or otherwise could not be described: Status { code: Unavailable, message: "tcp connect error", source: Some(tonic::transport::Error(Transport, ConnectError(ConnectError("tcp connect error", 127.0.0.1:7233, Os { code: 111, kind: ConnectionRefused, message: "Connection refused" })))) } undefined undefined Transport 27 s",
        "ServiceError: Unexpected error while making gRPC request undefined undefined ServiceEr <- IllegalStateError: Client already closed undefined undefined IllegalSt",
      ]
    `);
  });
  test('options, close, lazy, health', async () => {
    expect(await said(`
      const c = await C.Connection.connect({ address: 'temporal:7233', tls: true, apiKey: 'k', metadata: { x: 'y' }, connectTimeout: '3s' });
      console.log(c.options.address, (await c.healthService.check({ service: 'temporal.api.workflowservice.v1.WorkflowService' })).status);
      await c.close(); console.log(await why(() => new C.Client({ connection: c }).workflow.getHandle('x').describe()));
      const lazy = C.Connection.lazy(); console.log(await why(async () => { await lazy.ensureConnected(); return 'connected'; }));
      console.log((await lazy.workflowService.getSystemInfo({})).serverVersion);
    `)).toMatchInlineSnapshot(`
      [
        "temporal:7233 1",
        "ServiceError: Unexpected error while making gRPC request <- Error: Channel has been shut down",
        "no error: "connected"",
        "1.32.0",
      ]
    `);
  });
  test('interceptors and plugins', async () => {
    expect(await said(`
      const plugin: any = { name: 'p', configureClient: (o: any) => ({ ...o, interceptors: { workflow: [{ async start(i: any, n: any) { console.log('plugin start'); return n(i); } }] } }) };
      const c = new C.Client({ plugins: [plugin], identity: 'me' } as any);
      console.log(await c.workflow.execute('quick', { taskQueue: 'q', workflowId: 'w' }));
      const all: any = Object.fromEntries(['signal', 'query', 'terminate', 'cancel', 'describe', 'startUpdate'].map((name) => [name, async (i: any, n: any) => { console.log('intercepted', name); return n(i); }]));
      const d = new C.Client({ interceptors: { workflow: [all] } }); const h = await d.workflow.start('waits', { taskQueue: 'q', workflowId: 'v' });
      await h.signal('go', 'x'); await h.query('state'); await h.executeUpdate('set', { args: ['y'] }); await h.describe(); await h.cancel();
      console.log((await h.fetchHistory()).events!.length > 5, (await c.workflow.getHandle('w').fetchHistory()).events![0]!.workflowExecutionStartedEventAttributes!.identity);
    `)).toMatchInlineSnapshot(`
      [
        "plugin start",
        "quick x",
        "intercepted signal",
        "intercepted query",
        "intercepted startUpdate",
        "intercepted describe",
        "intercepted cancel",
        "true me",
      ]
    `);
  });
});
