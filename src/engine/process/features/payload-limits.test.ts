import { expect, test } from 'vitest';
import type { DurationMs } from '../../../base/brand.ts';
import { runInline, type InlineProject, type InlineRun } from '../../../testing/inline-project.ts';

/** Payloads above 2 MB never leave the worker: the task fails, not the workflow ([TMPRL1103]). */

const BIG = `const big = () => 'x'.repeat(2_100_000);`;
const START = `await client.workflow.start('flow', { taskQueue: 'q', workflowId: 'w' });`;
const play = (project: InlineProject, until = 20_000): Promise<InlineRun> => runInline({ client: START, ...project }, { until: until as DurationMs });
const said = (run: InlineRun): string[] => run.log('worker-1').filter((l) => l.includes('TMPRL1103'));
const taskFailures = (run: InlineRun) => run.output.workflows['w']!.runs[0]!.history.events.flatMap((e) => (e.workflowTaskFailedEventAttributes ? [e.workflowTaskFailedEventAttributes] : []));

test('an activity result: the attempt fails as PayloadsTooLarge and is tried again', async () => {
  const run = await play({ workflows: `export async function flow() { try { return await acts({ startToCloseTimeout: '1m', retry: { maximumAttempts: 2 } }).make(); } catch (e: any) { return [e.cause.message, e.cause.type, e.cause.nonRetryable]; } }`, activities: `${BIG} export async function make() { return big(); }` });
  expect(run.output.workflows['w']?.result).toEqual(['[TMPRL1103] Attempted to upload payloads with size that exceeded the error limit.', 'PayloadsTooLarge', false]);
  expect(run.of('activityExecution').filter((e) => e.phase === 'started')).toHaveLength(2);
  expect(said(run)[0]).toMatch(/^ERROR \[TMPRL1103\].*"size":21000\d\d,"limit":2097152/);
});

test('an input of an activity (or any other command): the Workflow Task fails', async () => {
  for (const body of [`await acts({ startToCloseTimeout: '1m' }).make(big());`]) {
    const run = await play({ workflows: `${BIG} export async function flow() { ${body} }`, activities: `${BIG} export async function make() { return big(); }` }, 25);
    expect(taskFailures(run)[0], body).toMatchObject({ cause: 'WORKFLOW_TASK_FAILED_CAUSE_PAYLOADS_TOO_LARGE', failure: { message: '[TMPRL1103] Attempted to upload payloads with size that exceeded the error limit.', applicationFailureInfo: { type: 'PayloadsTooLarge' } } });
    expect(run.output.workflows['w']?.status).toBe('RUNNING');
  }
});

test('heartbeat details: the attempt fails and the activity is cancelled', async () => {
  const run = await play({
    workflows: `export async function flow() { try { await acts({ startToCloseTimeout: '1m', heartbeatTimeout: '10s', retry: { maximumAttempts: 1 } }).beat(); } catch (e: any) { return e.cause.type; } }`,
    activities: `${BIG} export async function beat() { act.heartbeat(big()); try { await act.sleep(5000); } catch (e: any) { console.log('stopped', e.message); throw e; } }`,
  });
  expect(run.output.workflows['w']?.result).toBe('PayloadsTooLarge');
  expect(run.log('worker-1')).toContain('stopped CANCELLED');
});

test('between 512 KB and 2 MB there is only a warning', async () => {
  const run = await play({ workflows: `export async function flow() { await acts({ startToCloseTimeout: '1m' }).make(); }`, activities: `${BIG} export async function make() { return 'x'.repeat(600_000); }` });
  expect(run.output.workflows['w']?.status).toBe('COMPLETED');
  expect(said(run)[0]).toMatch(/^WARN \[TMPRL1103\] Attempted to upload payloads with size that exceeded the warning limit\./);
});

test('the largest payload that passes is worked off within the budget of the VM', async () => {
  const run = await play({ workflows: `export async function flow() { return (await acts({ startToCloseTimeout: '1m' }).make()).length; }`, activities: `export async function make() { return 'x'.repeat(2_090_000); }` });
  expect(run.output.workflows['w']?.result).toBe(2_090_000);
});

test('disablePayloadErrorLimit leaves it to the Service, which ends the workflow', async () => {
  const run = await play({ workflows: `${BIG} export async function flow() { return big(); }`, workerOptions: 'disablePayloadErrorLimit: true' });
  expect(run.output.workflows['w']?.status).toBe('TERMINATED');
});

test('a namespace that is not there', async () => {
  const run = await runInline({ workerOptions: `namespace: 'elsewhere'`, client: '' });
  expect(run.log('worker-1')[0]).toMatchInlineSnapshot(`"ERROR TransportError: Namespace elsewhere was not found or otherwise could not be described: Status { code: NotFound, message: "Namespace elsewhere is not found.", details: b"\\x08\\x05\\x12!Namespace elsewhere is not found.\\x1aX\\nItype.googleapis.com/temporal.api.errordetails.v1.NamespaceNotFoundFailure\\x12\\x0b\\n\\telsewhere", metadata: MetadataMap { headers: {"content-type": "application/grpc"} }, source: None }"`);
});
