import { Client, Connection, type WorkflowStartOptions } from '@temporalio/client';
import { completes, fails, finish, waits } from './workflows';

const taskQueue = 'id-policies';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Prints what a call gives: its value, or its error with the causes. */
async function report(label: string, call: Promise<unknown>): Promise<void> {
  try {
    console.log(label, JSON.stringify(await call) ?? 'undefined');
  } catch (error) {
    for (let e: unknown = error; e instanceof Error; e = e.cause) console.log(label, `${e.name}: ${e.message}`);
  }
}

async function run() {
  const connection = await Connection.connect({ address: process.env.TEMPORAL_ADDRESS ?? 'localhost:7233' });
  const client = new Client({ connection });
  const { workflow } = client;
  const known: string[] = [];
  /** Starts and says which start made the run. */
  async function begin(type: typeof waits | typeof fails | typeof completes, options: Partial<Omit<WorkflowStartOptions, 'args'>>) {
    const handle = await workflow.start<() => Promise<unknown>>(type, { taskQueue, workflowId: 'same', ...options });
    if (!known.includes(handle.firstExecutionRunId)) known.push(handle.firstExecutionRunId);
    return `run ${known.indexOf(handle.firstExecutionRunId)}`;
  }
  await report('first', begin(waits, {}));
  await sleep(1000);
  await report('running, default', begin(waits, {}));
  await report('running, fail', begin(waits, { workflowIdConflictPolicy: 'FAIL' }));
  await report('running, use existing', begin(waits, { workflowIdConflictPolicy: 'USE_EXISTING' }));
  await report('running, terminate existing', begin(waits, { workflowIdConflictPolicy: 'TERMINATE_EXISTING' }));
  await sleep(1200);
  await report('running, terminate if running', begin(waits, { workflowIdReusePolicy: 'TERMINATE_IF_RUNNING' }));
  await sleep(1200);
  await workflow.getHandle('same').signal(finish);
  await report('result', workflow.getHandle('same').result());
  await report('completed, reject duplicate', begin(completes, { workflowIdReusePolicy: 'REJECT_DUPLICATE' }));
  await report('completed, failed only', begin(completes, { workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY' }));
  await report('completed, allow', begin(fails, { workflowIdReusePolicy: 'ALLOW_DUPLICATE' }));
  await report('result', workflow.getHandle('same').result());
  await report('failed, failed only', begin(completes, { workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY' }));
  await report('result', workflow.getHandle('same').result());
  await connection.close();
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
