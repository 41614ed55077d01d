import { describe, expect, it } from 'vitest';
import { createDriver, QUEUE } from '../testing/driver.ts';

/** What recordings of a real server (conformance/rpc/batches.ts) can't hold still: how fast a batch is, and what happens while it runs. */

const namespace = 'default';
const batch = { namespace, jobId: 'job', reason: 'tidy up', visibilityQuery: `TaskQueue = '${QUEUE}'`, terminationOperation: {} };

describe('a batch operation', () => {
  it('takes fifty workflows a second, one batch at a time, and can be stopped', () => {
    const d = createDriver();
    for (let i = 0; i < 100; i++) d.start(`w${i}`);
    const waiting = d.begin('GetWorkflowExecutionHistory', { namespace, execution: { workflowId: 'w99' }, waitNewEvent: true, historyEventFilterType: 'HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT' });
    d.call('StartBatchOperation', batch);
    d.advance(1000);
    expect(d.call('DescribeBatchOperation', { namespace, jobId: 'job' })).toMatchObject({ state: 'BATCH_OPERATION_STATE_RUNNING', totalOperationCount: '100', completeOperationCount: '50' });
    expect(d.refuses('StartBatchOperation', { ...batch, jobId: 'other' })).toEqual({ code: 8, message: 'Max concurrent batch operations is reached' });
    d.call('StopBatchOperation', { namespace, jobId: 'job', reason: 'enough' });
    d.advance(5000);
    expect(d.call('CountWorkflowExecutions', { namespace, query: "ExecutionStatus = 'Terminated'" }).count).toBe('50');
    expect(d.call('DescribeBatchOperation', { namespace, jobId: 'job' }).state).toBe('BATCH_OPERATION_STATE_FAILED');
    d.call('StartBatchOperation', { ...batch, jobId: 'rest' });
    d.advance(5000);
    expect(d.call('DescribeBatchOperation', { namespace, jobId: 'rest' })).toMatchObject({ state: 'BATCH_OPERATION_STATE_COMPLETED', totalOperationCount: '50', completeOperationCount: '50' });
    // Who waits for one of the workflows is told.
    expect(d.answer(waiting)).toMatchObject({ ok: true });
    expect(d.call('ListBatchOperations', { namespace }).operationInfo?.map(({ jobId }) => jobId)).toEqual(['rest', 'job']);
  });

  it('counts what could not be done', () => {
    const d = createDriver();
    d.start('w');
    d.call('StartBatchOperation', { ...batch, terminationOperation: undefined, resetOperation: { options: { workflowTaskId: '1' } } });
    d.advance(1000);
    expect(d.call('DescribeBatchOperation', { namespace, jobId: 'job' })).toMatchObject({ state: 'BATCH_OPERATION_STATE_COMPLETED', failureOperationCount: '1', totalOperationCount: '1' });
  });
});
