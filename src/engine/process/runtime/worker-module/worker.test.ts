import { expect, test } from 'vitest';
import { startTestProcess, type TestProcess } from '../testing.ts';

/** The worker module inside the VM, with the test in the place of the engine. */

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const json = (value: unknown): object => ({ metadata: { encoding: base64('json/plain') }, data: base64(JSON.stringify(value)) });
const decoded = (payload: any): unknown => JSON.parse(Buffer.from(payload.data, 'base64').toString());

const main = `
import { NativeConnection, Worker } from '@temporalio/worker';
import * as activities from './activities';
async function main() {
  const connection = await NativeConnection.connect({ address: 'localhost:7233' });
  const worker = await Worker.create({ connection, taskQueue: 'q', workflowsPath: require.resolve('./workflows'), activities, maxConcurrentActivityTaskExecutions: 5 });
  await worker.run();
  console.log('stopped', worker.getState());
  await connection.close();
}
main().catch((error) => { console.error(error); process.exit(1); });
`;
const activities = `
import { activityInfo, CancelledFailure, CompleteAsyncError, Context, heartbeat, log, sleep } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
export async function greet(name: string) { return 'Hello ' + name + ' ' + activityInfo().attempt; }
export async function fail() { throw ApplicationFailure.nonRetryable('no', 'Bad', { a: 1 }); }
export async function plain() { throw new TypeError('oops'); }
export async function beat() { heartbeat(1); heartbeat(2); heartbeat(3); await Context.current().cancelled; }
export async function later() { throw new CompleteAsyncError(); }
export async function slow() { await sleep('10s'); log.info('woke', { n: 1 }); return Context.current().info.heartbeatDetails; }
`;

async function start(files: { [path: string]: string } = {}): Promise<TestProcess> {
  const process = await startTestProcess(
    { 'src/main.ts': main, 'src/activities.ts': activities, 'src/workflows.ts': 'export async function flow() {}', ...files },
    { rpc: () => ({ response: {} }), boot: { processId: 'worker-1', kind: 'worker' } },
  );
  process.run();
  if (process.ops.some((op) => op.op === 'workerCreate')) process.send({ type: 'workerCreated', worker: 1, error: null });
  process.run();
  return process;
}

const ops = (process: TestProcess, op: string): any[] => process.ops.filter((o) => o.op === op);
const task = (type: string, more: object = {}) => ({
  taskToken: base64('t'), workflowExecution: { workflowId: 'w', runId: 'r' }, workflowType: { name: 'flow' }, activityId: '1', activityType: { name: type }, attempt: 1, isLocal: false,
  scheduledTime: '2026-01-01T00:00:00Z', currentAttemptScheduledTime: '2026-01-01T00:00:00Z', startToCloseTimeout: '60s', scheduleToCloseTimeout: '0s', ...more,
});
const run = (process: TestProcess, type: string, more: object = {}, injectedFailure: object | null = null): any => {
  process.send({ type: 'activityStart', worker: 1, token: 't', task: task(type, more), injectedFailure });
  return ops(process, 'activityResult').at(-1)?.result;
};

test('creates, runs and stops', async () => {
  const process = await start();
  expect(ops(process, 'workerCreate')[0].config).toMatchObject({
    taskQueue: 'q', namespace: 'default', workflows: { path: 'src/workflows.ts' }, activityTypes: ['greet', 'fail', 'plain', 'beat', 'later', 'slow'],
    pollers: { workflow: { maximum: 10 }, activity: { maximum: 5 } }, slots: { workflow: { numSlots: 40 }, activity: { numSlots: 5 } }, maxCachedWorkflows: 2310,
  });
  expect(ops(process, 'workerRun')).toHaveLength(1);
  process.send({ type: 'signal', name: 'SIGTERM' });
  expect(ops(process, 'workerShutdown')).toHaveLength(1);
  process.send({ type: 'workerDrained', worker: 1 });
  process.run();
  expect(process.logs).toMatchInlineSnapshot(`
    [
      "Workflow bundle created {"sdkComponent":"worker","taskQueue":"q"}",
      "Worker state changed {"sdkComponent":"worker","taskQueue":"q","state":"RUNNING"}",
      "No Nexus services registered, not polling for Nexus tasks {"sdkComponent":"worker","taskQueue":"q"}",
      "Worker state changed {"sdkComponent":"worker","taskQueue":"q","state":"STOPPING"}",
      "Worker state changed {"sdkComponent":"worker","taskQueue":"q","state":"DRAINING"}",
      "Worker state changed {"sdkComponent":"worker","taskQueue":"q","state":"DRAINED"}",
      "Worker state changed {"sdkComponent":"worker","taskQueue":"q","state":"STOPPED"}",
      "stopped STOPPED",
    ]
  `);
  expect(process.exitCode).toBe(0);
});

test('activities: results and failures as the real SDK encodes them', async () => {
  const process = await start();
  expect(decoded(run(process, 'greet', { input: { payloads: [json('Ada')] }, attempt: 2 }).completed.result)).toBe('Hello Ada 2');
  expect(run(process, 'fail').failed.failure).toMatchObject({ message: 'no', source: 'TypeScriptSDK', applicationFailureInfo: { type: 'Bad', nonRetryable: true, details: { payloads: [json({ a: 1 })] } } });
  expect(run(process, 'plain').failed.failure).toMatchObject({ message: 'oops', applicationFailureInfo: { type: 'TypeError' } });
  expect(run(process, 'unknown').failed.failure.message).toContain('Activity function unknown is not registered on this Worker, available activities: ["greet"');
  expect(run(process, 'later')).toEqual({ willCompleteAsync: {} });
  expect(run(process, 'greet', {}, { message: 'injected' }).failed.failure).toMatchObject({ message: 'injected', applicationFailureInfo: { type: 'Error' } });
});

test('heartbeats, cancellation', async () => {
  const process = await start();
  expect(run(process, 'beat')).toBeUndefined();
  expect(ops(process, 'activityHeartbeat').map((op) => decoded(op.details[0]))).toEqual([1, 3]);
  process.send({ type: 'activityCancel', worker: 1, token: 't', reason: 'CANCELLED', details: { isCancelled: true } });
  expect(ops(process, 'activityResult').at(-1).result).toMatchObject({ cancelled: { failure: { canceledFailureInfo: {} } } });
});

test('sleep, log and heartbeat details', async () => {
  const process = await start();
  run(process, 'slow', { heartbeatDetails: { payloads: [json({ at: 7 })] } });
  process.run();
  expect(decoded(ops(process, 'activityResult').at(-1).result.completed.result)).toEqual({ at: 7 });
  expect(process.logs.find((line) => line.startsWith('woke'))).toContain('"n":1');
});

test('workflow code that does not load rejects Worker.create', async () => {
  const process = await startTestProcess(
    { 'src/main.ts': main, 'src/activities.ts': activities, 'src/workflows.ts': '' },
    { rpc: () => ({ response: {} }), boot: { processId: 'worker-1', kind: 'worker' } },
  );
  process.run();
  process.send({ type: 'workerCreated', worker: 1, error: 'src/workflows.ts:1:1 - broken' });
  process.run();
  expect(process.exitCode).toBe(1);
  expect(process.logs.join('\n')).toContain('src/workflows.ts:1:1 - broken');
});
