import { Client, Connection } from '@temporalio/client';

const deploymentName = 'my-deployment';

async function run() {
  const client = new Client({ connection: await Connection.connect() });
  const setCurrent = async (buildId: string) => {
    const { conflictToken } = await client.workflowService.describeWorkerDeployment({ namespace: 'default', deploymentName });
    await client.workflowService.setWorkerDeploymentCurrentVersion({ namespace: 'default', deploymentName, buildId, conflictToken });
    console.log(`${buildId} is the current version`);
  };
  const start = (type: string, workflowId: string) => client.workflow.start(type, { taskQueue: 'versioned', workflowId });

  await setCurrent('1.0');
  const oldOnes = await Promise.all([start('autoUpgrading', 'auto-old'), start('pinned', 'pinned-old')]);
  for (const handle of oldOnes) await handle.signal('doNext', 'work');
  await new Promise((resolve) => setTimeout(resolve, 2000));
  await setCurrent('2.0');
  const newOnes = await Promise.all([start('autoUpgrading', 'auto-new'), start('pinned', 'pinned-new')]);
  for (const handle of [...oldOnes, ...newOnes]) {
    await handle.signal('doNext', 'work');
    await handle.signal('doNext', 'conclude');
  }
  for (const handle of [...oldOnes, ...newOnes]) console.log(handle.workflowId, await handle.result());
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
