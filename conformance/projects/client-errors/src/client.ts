import { Client, QueryNotRegisteredError, ServiceError, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { fails, query, times, update, waits } from './workflows';

/** The error with its causes: class, name, message. */
function describe(err: unknown): string {
  const parts: string[] = [];
  for (let e = err as Error | undefined; e; e = e.cause as Error | undefined) parts.push(`${e.constructor.name} ${e.name}: ${e.message}`);
  return parts.join(' <- ');
}

async function attempt(label: string, body: () => Promise<unknown>): Promise<void> {
  try {
    console.log(label, await body());
  } catch (err) {
    console.log(label, describe(err));
  }
}

async function run() {
  const client = new Client();
  const options = { taskQueue: 'errors' };
  const { workflow } = client;
  await attempt('failed', () => workflow.execute(fails, { ...options, workflowId: 'fails' }));
  await attempt('timed out', () => workflow.execute(times, { ...options, workflowId: 'times', workflowExecutionTimeout: '10s' }));
  const waiting = await workflow.start(waits, { ...options, workflowId: 'waits' });
  await attempt('already started', () => workflow.start(waits, { ...options, workflowId: 'waits' }));
  await attempt('class', async () => {
    try {
      return await workflow.start(waits, { ...options, workflowId: 'waits' });
    } catch (err) {
      return err instanceof WorkflowExecutionAlreadyStartedError ? [err.workflowId, err.workflowType] : err;
    }
  });
  await attempt('query', () => waiting.query(query));
  await attempt('unknown query', async () => {
    try {
      return await waiting.query('nothing');
    } catch (err) {
      return [err instanceof QueryNotRegisteredError, (err as Error).name];
    }
  });
  await attempt('update', () => waiting.executeUpdate(update, { args: ['fine'] }));
  await attempt('update fails', () => waiting.executeUpdate(update, { args: ['fail'] }));
  await attempt('update rejected', () => waiting.executeUpdate(update, { args: ['reject'] }));
  await attempt('unknown update', () => waiting.executeUpdate('nothing'));
  await attempt('terminate', async () => {
    await waiting.terminate('enough');
    return waiting.result();
  });
  await attempt('signal closed', () => waiting.signal('any'));
  await attempt('not found', () => workflow.getHandle('nobody').describe());
  await attempt('result of nobody', () => workflow.getHandle('nobody').result());
  await attempt('no namespace', async () => {
    try {
      return await new Client({ namespace: 'elsewhere' }).workflow.getHandle('x').describe();
    } catch (err) {
      return [(err as Error).name, err instanceof ServiceError];
    }
  });
  await attempt('cancelled', async () => {
    const handle = await workflow.start(times, { ...options, workflowId: 'times-2' });
    await handle.cancel();
    return handle.result();
  });
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
