import { proxyActivities, ApplicationFailure, log } from '@temporalio/workflow';
import type { createActivitiesForSameWorker, createNormalActivities } from './activities';

const { getUniqueTaskQueue } = proxyActivities<ReturnType<typeof createNormalActivities>>({ startToCloseTimeout: '1 minute' });

export async function fileProcessingWorkflow(maxAttempts: number): Promise<string> {
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    try {
      const taskQueue = await getUniqueTaskQueue();
      const { downloadFileToWorkerFileSystem, workOnFile, cleanupFile } = proxyActivities<ReturnType<typeof createActivitiesForSameWorker>>({
        taskQueue,
        // Nobody else serves this queue: when its worker is gone, nobody will.
        scheduleToCloseTimeout: '10 seconds',
        startToCloseTimeout: '5 seconds',
      });
      await downloadFileToWorkerFileSystem('http://files/report', 'report');
      try {
        return await workOnFile('report');
      } finally {
        await cleanupFile('report');
      }
    } catch (err) {
      if (attempt === maxAttempts) throw err;
      log.warn(`attempt ${attempt} failed`);
    }
  }
  throw ApplicationFailure.create({ message: 'unreachable' });
}
