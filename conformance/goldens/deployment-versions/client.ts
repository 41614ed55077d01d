import { Client, Connection } from '@temporalio/client';
import { family, next, pinned, upgrades } from './workflows';

const taskQueue = 'deployment-versions';

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
  const { workflowService } = client.workflow;
  const setCurrent = async (buildId: string) => {
    for (;;) {
      try {
        await workflowService.setWorkerDeploymentCurrentVersion({ namespace: 'default', deploymentName: 'shop', buildId, identity: 'client', ignoreMissingTaskQueues: true });
        return;
      } catch {
        await sleep(200); // the worker has not polled yet
      }
    }
  };
  await setCurrent('1.0');
  await sleep(1000);
  const runs = [
    await client.workflow.start(pinned, { taskQueue, workflowId: 'pinned' }),
    await client.workflow.start(upgrades, { taskQueue, workflowId: 'upgrades' }),
    await client.workflow.start(family, { taskQueue, workflowId: 'family', args: [1] }),
  ];
  await sleep(2000);
  console.log('before', JSON.stringify(await Promise.all(runs.map(async (run) => (await run.describe()).raw.workflowExecutionInfo?.versioningInfo?.behavior))));
  await setCurrent('2.0');
  await sleep(1000);
  const late = await client.workflow.start(pinned, { taskQueue, workflowId: 'late' });
  for (const run of runs) await run.signal(next);
  for (const run of runs) await report(run.workflowId, run.result());
  await late.signal(next);
  await report('late', late.result());
  await connection.close();
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
