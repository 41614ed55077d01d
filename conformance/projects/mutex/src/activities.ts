import { activityInfo } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { lockRequest, lockWorkflow } from './workflows';

export const createActivities = (client: Client) => ({
  /** Asks the lock's workflow for the lock, and starts it if there is none. */
  async signalWithStartLockWorkflow(resourceId: string, timeoutMs: number): Promise<void> {
    const { workflowExecution, taskQueue } = activityInfo();
    await client.workflow.signalWithStart(lockWorkflow, {
      workflowId: `lock:${resourceId}`,
      taskQueue,
      args: [[]],
      signal: lockRequest,
      signalArgs: [{ timeoutMs, initiatorId: workflowExecution!.workflowId }],
    });
  },
  async criticalSection(resourceId: string): Promise<void> {
    await fetch(`http://resource/${resourceId}`, { method: 'PUT', body: activityInfo().workflowExecution!.workflowId });
  },
});
