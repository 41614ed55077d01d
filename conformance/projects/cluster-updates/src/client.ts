import { Client, WorkflowUpdateFailedError, WorkflowUpdateStage } from '@temporalio/client';
import { assignNodesToJob, clusterManager, shutdownCluster, startCluster, status } from './workflows';

async function run() {
  const client = new Client();
  const handle = await client.workflow.start(clusterManager, { taskQueue: 'cluster', workflowId: 'cluster-1' });
  const waiting = await handle.startUpdate(assignNodesToJob, { args: [{ job: 'first', count: 1 }], waitForStage: WorkflowUpdateStage.ACCEPTED, updateId: 'update-first' });
  await handle.signal(startCluster);
  console.log('first', await waiting.result());
  const both = await Promise.all(['second', 'third'].map((job) => handle.executeUpdate(assignNodesToJob, { args: [{ job, count: 1 }] })));
  console.log('both', both);
  for (const [job, count] of [['fourth', 2], ['fifth', -1]] as const) {
    try {
      await handle.executeUpdate(assignNodesToJob, { args: [{ job, count }] });
    } catch (err) {
      console.log(job, err instanceof WorkflowUpdateFailedError, (err as Error).message, '<-', (err as { cause?: Error }).cause?.message);
    }
  }
  // The same id again: the answer of the first time, the handler does not run.
  console.log('again', await handle.executeUpdate(assignNodesToJob, { args: [{ job: 'sixth', count: 3 }], updateId: 'update-first' }));
  console.log('jobs', (await handle.query(status)).jobs);
  await handle.signal(shutdownCluster);
  console.log((await handle.result()).nodes);
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
