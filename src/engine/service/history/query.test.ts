import { expect, test } from 'vitest';
import { createDriver } from '../testing/driver.ts';

/** A real Service leaves the caller waiting until its deadline: "query timed out before a worker could process it". */
test('a query of a run that closes before its first Workflow Task has completed is never answered', () => {
  for (const started of [false, true]) {
    const d = createDriver();
    d.start('wf');
    const query = d.begin('QueryWorkflow', { namespace: 'default', execution: { workflowId: 'wf' }, query: { queryType: 'state' } });
    if (started) d.pollTask();
    d.call('TerminateWorkflowExecution', { namespace: 'default', workflowExecution: { workflowId: 'wf' } });
    d.advance(60_000);
    expect(d.answer(query)).toBeNull();
    d.drop(query);
  }
});
