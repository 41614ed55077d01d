import { condition, continueAsNew, defineSignal, getExternalWorkflowHandle, proxyActivities, setHandler, uuid4, workflowInfo } from '@temporalio/workflow';
import type { createActivities } from './activities';
import type { LockRequest } from './shared';

const { signalWithStartLockWorkflow, criticalSection } = proxyActivities<ReturnType<typeof createActivities>>({ startToCloseTimeout: '1 minute' });

export const lockRequest = defineSignal<[LockRequest]>('lockRequest');
export const lockAcquired = defineSignal<[{ releaseSignalName: string }]>('lockAcquired');

const MAX_REQUESTS = 3;

export async function lockWorkflow(requests: LockRequest[]): Promise<void> {
  let served = 0;
  setHandler(lockRequest, (request) => void requests.push(request));
  for (;;) {
    // Nobody has asked for a while: the lock may go.
    if (!(await condition(() => requests.length > 0, '5 minutes'))) return;
    const { initiatorId, timeoutMs } = requests.shift()!;
    const releaseSignalName = uuid4();
    let released = false;
    setHandler(defineSignal(releaseSignalName), () => void (released = true));
    await getExternalWorkflowHandle(initiatorId).signal(lockAcquired, { releaseSignalName });
    await condition(() => released, timeoutMs);
    if (++served === MAX_REQUESTS) await continueAsNew<typeof lockWorkflow>(requests);
  }
}

export async function oneAtATime(resourceId: string): Promise<string> {
  let releaseSignalName = '';
  setHandler(lockAcquired, (granted) => void (releaseSignalName = granted.releaseSignalName));
  await signalWithStartLockWorkflow(resourceId, 5000);
  await condition(() => releaseSignalName !== '');
  await criticalSection(resourceId);
  await getExternalWorkflowHandle(`lock:${resourceId}`).signal(releaseSignalName);
  return workflowInfo().workflowId;
}
