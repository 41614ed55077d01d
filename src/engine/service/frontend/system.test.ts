import { describe, expect, it } from 'vitest';
import { createDriver } from '../testing/driver.ts';

const namespace = 'default';

describe('the Service about itself', () => {
  it('search attributes are added, listed and removed', () => {
    const d = createDriver();
    const list = () => d.call('ListSearchAttributes', { namespace });
    expect(list()).toMatchObject({ customAttributes: {}, systemAttributes: { WorkflowId: 'INDEXED_VALUE_TYPE_KEYWORD', StartTime: 'INDEXED_VALUE_TYPE_DATETIME' } });
    d.call('AddSearchAttributes', { namespace, searchAttributes: { City: 'INDEXED_VALUE_TYPE_KEYWORD' } });
    d.call('AddSearchAttributes', { namespace, searchAttributes: { City: 'INDEXED_VALUE_TYPE_INT' } });
    expect(list().customAttributes).toEqual({ City: 'INDEXED_VALUE_TYPE_KEYWORD' });
    expect(d.call('GetSearchAttributes', {}).keys).toMatchObject({ City: 'INDEXED_VALUE_TYPE_KEYWORD' });
    expect(d.call('CountWorkflowExecutions', { namespace, query: "City = 'Bonn'" }).count).toBeUndefined();
    expect(d.refuses('AddSearchAttributes', { namespace, searchAttributes: { RunId: 'INDEXED_VALUE_TYPE_KEYWORD' } }).message).toBe('Search attribute RunId is reserved by system.');
    expect(d.refuses('AddSearchAttributes', { namespace }).message).toBe('SearchAttributes are not set on request.');
    d.call('RemoveSearchAttributes', { namespace, searchAttributes: ['City'] });
    expect(list().customAttributes).toEqual({});
    d.call('RemoveSearchAttributes', { namespace, searchAttributes: ['City'] });
    expect(d.refuses('RemoveSearchAttributes', { namespace, searchAttributes: ['RunId'] }).message).toBe('Unable to remove non-custom search attributes: RunId.');
    expect(d.refuses('AddSearchAttributes', { namespace, searchAttributes: { City: 'INDEXED_VALUE_TYPE_UNSPECIFIED' } }).message).toBe('Unable to create search attributes: cannot have more than 0 search attribute of type Unspecified.');
  });

  it('namespaces are made and described; what is in one is not in another', () => {
    const d = createDriver();
    d.call('RegisterNamespace', { namespace: 'other', description: 'another', workflowExecutionRetentionPeriod: '3600s' });
    expect(d.refuses('RegisterNamespace', { namespace: 'third' }).message).toBe('A valid retention period is not set on request.');
    expect(d.refuses('DescribeNamespace', {}).message).toBe('Namespace not set on request.');
    expect(d.refuses('RegisterNamespace', { namespace: 'other', workflowExecutionRetentionPeriod: '3600s' })).toEqual({ code: 6, message: 'Namespace "other" already exists' });
    expect(d.call('DescribeNamespace', { namespace: 'other' })).toMatchObject({ namespaceInfo: { description: 'another' }, config: { workflowExecutionRetentionTtl: '3600s' } });
    expect(d.call('ListNamespaces', {}).namespaces?.map((n) => n.namespaceInfo?.name)).toEqual(['default', 'temporal-system', 'other']);
    expect(d.call('UpdateNamespace', { namespace: 'other', updateInfo: { ownerEmail: 'o@x', data: { k: 'v' } }, config: { workflowExecutionRetentionTtl: '172800s' } })).toMatchObject({
      namespaceInfo: { description: 'another', ownerEmail: 'o@x', data: { k: 'v' } }, config: { workflowExecutionRetentionTtl: '172800s' },
    });
    expect(d.refuses('UpdateNamespace', { namespace: 'nowhere' }).message).toBe('Namespace nowhere is not found.');
    expect(d.call('ListTaskQueuePartitions', { namespace, taskQueue: { name: 'q' } }).workflowTaskQueuePartitions?.map((p) => p.key)).toEqual(['q', '/_sys/q/1', '/_sys/q/2', '/_sys/q/3']);
    expect(d.refuses('ListTaskQueuePartitions', { namespace }).message).toBe('taskQueue is not set');
    d.start('w');
    expect(d.call('CountWorkflowExecutions', { namespace: 'other' }).count).toBeUndefined();
    expect(d.refuses('DescribeNamespace', { namespace: 'nowhere' })).toEqual({ code: 5, message: 'Namespace nowhere is not found.' });
  });

  it('requests that name nothing', () => {
    const d = createDriver();
    const noId = "Can't load workflow execution.  WorkflowId not set.";
    const texts = {
      PauseWorkflowExecution: noId, UnpauseWorkflowExecution: noId, DescribeSchedule: noId, DeleteSchedule: noId, ListScheduleMatchingTimes: noId, DeleteWorkflowExecution: 'Execution is not set on request.',
      PauseActivity: 'WorkflowId is not set on request.', UpdateActivityOptions: 'WorkflowId is not set on request.', ResetWorkflowExecution: 'RequestId is not set on request.',
      SignalWithStartWorkflowExecution: 'WorkflowId is not set on request.', UpdateWorkflowExecution: 'Execution is not set on request.',
    } as const;
    for (const rpc of Object.keys(texts) as (keyof typeof texts)[]) expect([rpc, d.refuses(rpc, { namespace }).message]).toEqual([rpc, texts[rpc]]);
  });

  it('rules by build id are turned off, as on a server', () => {
    const d = createDriver();
    expect(d.refuses('GetWorkerBuildIdCompatibility', { namespace, taskQueue: 'q' })).toEqual({ code: 7, message: 'Worker versioning v0.1 (Version Set-based, deprecated) is disabled on this namespace.' });
    expect(d.refuses('GetWorkerTaskReachability', { namespace, buildIds: ['b'] })).toEqual({ code: 7, message: 'Worker versioning v0.2 (Rules-based, deprecated) is disabled on this namespace.' });
  });
});

/** The SDK's test-client-errors.ts expects it of a real server. */
it('a namespace that is not there is said before a token is read', () => {
  const d = createDriver();
  expect(d.refuses('RespondActivityTaskCompleted', { namespace: 'nowhere', taskToken: 'AQ==' })).toMatchObject({ code: 5, message: 'Namespace nowhere is not found.' });
  expect(d.refuses('RespondActivityTaskCompleted', { namespace: 'default', taskToken: 'AQ==' })).toMatchObject({ code: 3, message: 'Error deserializing task token.' });
});
