import type { StartBatchOperationRequest } from '../../src/api/proto.ts';
import { complete } from '../../src/engine/service/testing/driver.ts';
import type { Script, World } from './world.ts';

/** Batch operations: one request for many workflows. */

type Batch = Omit<StartBatchOperationRequest, 'namespace'>;

/** Two open workflows and one that is done, as the visibility store knows them. */
async function three(w: World): Promise<void> {
  for (const id of ['done', 'a', 'b']) await w.ok('StartWorkflowExecution', w.startRequest({ workflowId: `${w.wf}-${id}`, requestId: id, ...(id === 'done' ? {} : { taskQueue: { name: `${w.queue}-2` } }) }));
  await w.complete(await w.poll(), [complete()]);
  await w.wait(2500);
  w.entries.length = 0;
}

/** Starts a batch on the script's workflows, waits for its end, and asks about it. */
async function run(w: World, operation: Batch): Promise<void> {
  const jobId = `${w.wf}-job`;
  await w.ok('StartBatchOperation', { jobId, reason: 'tidy up', visibilityQuery: `WorkflowId STARTS_WITH '${w.wf}-'`, ...operation });
  // A server that has just started takes its time.
  for (let i = 0; i < 30; i++) {
    await w.wait(1000);
    if ((await w.ok('DescribeBatchOperation', { jobId })).state !== 'BATCH_OPERATION_STATE_RUNNING') break;
    w.entries.pop();
  }
}

/** Who a batch acts as where it has no identity of its own, is a process of the server. */
function anonymous(w: World): void {
  for (const entry of w.entries) Object.assign(entry, JSON.parse(JSON.stringify(entry).replace(/"identity":"[^"]*@[^"]*"/g, '"identity":"<server>"')));
}

export const batches: { readonly [name: string]: Script } = {
  'batch-terminates': async (w) => {
    await three(w);
    await run(w, { terminationOperation: { identity: 'me' } });
    for (const id of ['a', 'b', 'done']) await w.history({ workflowId: `${w.wf}-${id}` });
    anonymous(w);
    await w.call('StartBatchOperation', { jobId: `${w.wf}-job`, reason: 'again', visibilityQuery: `WorkflowId = '${w.wf}-a'`, terminationOperation: {} });
    await w.call('StopBatchOperation', { jobId: `${w.wf}-job`, reason: 'enough' });
    await w.ok('StartBatchOperation', { jobId: `${w.wf}-odd`, reason: 'odd', visibilityQuery: 'Nonsense = 1', terminationOperation: {} });
    await w.wait(2000);
    await w.call('DescribeBatchOperation', { jobId: `${w.wf}-odd` });
    await w.wait(1500);
    const { operationInfo = [] } = await w.ok('ListBatchOperations', {});
    w.entries.pop();
    w.entries.push({ call: 'ListBatchOperations', answer: operationInfo.filter(({ jobId }) => jobId?.startsWith(w.wf)) });
  },

  'batch-signals': async (w) => {
    await three(w);
    await run(w, { signalOperation: { signal: 'go', input: { payloads: [{ data: 'MQ==' }] }, identity: 'me' } });
    await w.history({ workflowId: `${w.wf}-a` });
    for (const id of ['a', 'b']) await w.ok('TerminateWorkflowExecution', { workflowExecution: { workflowId: `${w.wf}-${id}` }, identity: 'me' });
  },

  'batch-cancels': async (w) => {
    await three(w);
    await run(w, { cancellationOperation: { identity: 'me' } });
    await w.history({ workflowId: `${w.wf}-a` });
    anonymous(w);
    for (const id of ['a', 'b']) await w.ok('TerminateWorkflowExecution', { workflowExecution: { workflowId: `${w.wf}-${id}` }, identity: 'me' });
  },

  'batch-resets': async (w) => {
    for (const id of ['a', 'b']) await w.ok('StartWorkflowExecution', w.startRequest({ workflowId: `${w.wf}-${id}`, requestId: id }));
    for (const _ of ['a', 'b']) await w.complete(await w.poll(), [complete()]);
    await w.wait(2500);
    w.entries.length = 0;
    await run(w, { resetOperation: { options: { lastWorkflowTask: {} }, identity: 'me' } });
    await w.history({ workflowId: `${w.wf}-a` });
    for (const id of ['a', 'b']) await w.ok('TerminateWorkflowExecution', { workflowExecution: { workflowId: `${w.wf}-${id}` }, identity: 'me' });
  },

  'batch-of-executions': async (w) => {
    await three(w);
    const executions = ['a', 'b', 'done', 'nobody'].map((id) => ({ workflowId: `${w.wf}-${id}` }));
    await run(w, { visibilityQuery: '', executions, terminationOperation: { identity: 'me' } });
    await w.call('DescribeWorkflowExecution', { execution: { workflowId: `${w.wf}-nobody` } });
  },

  'batch-deletes': async (w) => {
    await three(w);
    await run(w, { deletionOperation: { identity: 'me' } });
  },

  'batches-refused': async (w) => {
    const good: Batch = { jobId: 'j', reason: 'r', visibilityQuery: "WorkflowId = 'nobody'", terminationOperation: {} };
    const bad: Batch[] = [
      { ...good, jobId: '' }, { ...good, reason: '' }, { ...good, visibilityQuery: '' }, { ...good, terminationOperation: undefined }, { ...good, executions: [{ workflowId: 'x' }] }, { ...good, visibilityQuery: '()' },
      { ...good, terminationOperation: undefined, signalOperation: {} }, { ...good, terminationOperation: undefined, resetOperation: {} }, { ...good, terminationOperation: undefined, resetOperation: { options: {} } },
      { ...good, terminationOperation: undefined, updateWorkflowOptionsOperation: {} }, { ...good, terminationOperation: undefined, updateWorkflowOptionsOperation: { workflowExecutionOptions: {} } },
    ];
    for (const request of bad) await w.call('StartBatchOperation', request);
    for (const request of [{}, { jobId: 'nobody' }]) await w.call('DescribeBatchOperation', request);
    for (const request of [{}, { jobId: 'nobody' }, { jobId: 'nobody', reason: 'r' }]) await w.call('StopBatchOperation', request);
  },
};
