import { activityInfo, sleep } from '@temporalio/activity';

/** What this worker has downloaded: another one can't use it. */
const disk = new Map<string, string>();

export function createNormalActivities(uniqueWorkerTaskQueue: string) {
  return {
    async getUniqueTaskQueue(): Promise<string> {
      return uniqueWorkerTaskQueue;
    },
  };
}

export function createActivitiesForSameWorker() {
  return {
    async downloadFileToWorkerFileSystem(url: string, path: string): Promise<void> {
      const response = await fetch(url);
      disk.set(path, await response.text());
    },
    async workOnFile(path: string): Promise<string> {
      await sleep(300);
      const content = disk.get(path);
      if (content === undefined) throw new Error(`${path} is not on this worker`);
      return `${content} processed on ${activityInfo().taskQueue.split('-')[0]}`;
    },
    async cleanupFile(path: string): Promise<void> {
      disk.delete(path);
    },
  };
}
