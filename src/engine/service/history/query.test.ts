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

/** `matching.queryPollerUnavailableWindow` is 20 s. */
test('a query waits for a worker that polled within 20 s, and is refused after that', () => {
  const ask = (seconds: number) => {
    const d = createDriver();
    d.start('wf');
    d.complete(d.pollTask());
    d.advance(seconds * 1000);
    const query = d.begin('QueryWorkflow', { namespace: 'default', execution: { workflowId: 'wf' }, query: { queryType: 'state' } });
    d.rest();
    return d.answer(query);
  };
  expect(ask(19)).toBeNull();
  expect(ask(20)).toMatchObject({ ok: false, status: { code: 9, message: 'no poller seen for task queue recently, worker may be down' } });
});

/** The server looks at the caller's deadline, which is 10 s for clients of the SDK. */
test('a query of a run whose first Workflow Task comes too late for the caller is refused', () => {
  const ask = (workflowStartDelay: string) => {
    const d = createDriver();
    d.start('wf', { workflowStartDelay });
    const query = d.begin('QueryWorkflow', { namespace: 'default', execution: { workflowId: 'wf' }, query: { queryType: 'state' } });
    d.rest();
    return d.answer(query);
  };
  expect(ask('10s')).toBeNull();
  expect(ask('10.001s')).toMatchObject({ ok: false, status: { message: 'Workflow task is not scheduled yet.' } });
});
