import { expect, test } from 'vitest';
import { createDriver, QUEUE } from '../testing/driver.ts';

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

/** `matching.queryPollerUnavailableWindow` is 20 s, looked at 1 s before the deadline of the caller (`syncOfferTask` in matching/pri_matcher.go). */
test('a query waits for a worker; if none has polled for 20 s, it is told so shortly before its deadline', () => {
  const ask = (idle: number, timeout: number | null) => {
    const d = createDriver();
    d.start('wf');
    d.complete(d.pollTask());
    d.advance(idle * 1000);
    const query = d.begin('QueryWorkflow', { namespace: 'default', execution: { workflowId: 'wf' }, query: { queryType: 'state' } }, timeout);
    const asked = d.now();
    const after = (seconds: number) => {
      d.advance(asked + seconds * 1000 - d.now());
      return d.answer(query);
    };
    return { after, d };
  };
  const nobody = { ok: false, status: { code: 9, message: 'no poller seen for task queue recently, worker may be down' } };
  const patient = ask(60, null);
  expect(patient.after(28.9)).toBeNull();
  expect(patient.after(29)).toMatchObject(nobody);
  const hasty = ask(60, 5000);
  expect(hasty.after(3.9)).toBeNull();
  expect(hasty.after(4)).toMatchObject(nobody);
  expect(ask(12, 5000).after(6)).toBeNull();
  const lucky = ask(60, null);
  lucky.after(20);
  expect(lucky.d.call('PollWorkflowTaskQueue', { namespace: 'default', taskQueue: { name: QUEUE }, identity: 'late' })).toMatchObject({ query: { queryType: 'state' } });
  expect(lucky.after(40)).toBeNull();
});

/** The server looks at the caller's deadline; a caller without one, as clients of the SDK are, has 30 s. */
test('a query of a run whose first Workflow Task comes too late for the caller is refused', () => {
  const ask = (workflowStartDelay: string, timeout: number | null) => {
    const d = createDriver();
    d.start('wf', { workflowStartDelay });
    const query = d.begin('QueryWorkflow', { namespace: 'default', execution: { workflowId: 'wf' }, query: { queryType: 'state' } }, timeout);
    d.rest();
    return d.answer(query);
  };
  const refused = { ok: false, status: { message: 'Workflow task is not scheduled yet.' } };
  expect(ask('30s', null)).toBeNull();
  expect(ask('30.001s', null)).toMatchObject(refused);
  expect(ask('10s', 10_000)).toBeNull();
  expect(ask('10.001s', 10_000)).toMatchObject(refused);
});
