import { executeChild, sleep, uuid4, workflowInfo } from '@temporalio/workflow';

export async function child(): Promise<string> {
  await sleep('300ms');
  return uuid4();
}

/** Chance decides the ids of the children, so that a replay in which it differs is found out. */
export async function chance(): Promise<void> {
  await executeChild(child, { workflowId: uuid4() });
  await executeChild(child, { workflowId: `random-${Math.random()}` });
  await sleep(10);
  await executeChild(child, { workflowId: `${Math.random() < 0.5 ? 'low' : 'high'}-${Math.floor(Math.random() * 1000000)}-${uuid4()}` });
}

/** The clock stands still within a Workflow Task. */
export async function clock(): Promise<boolean[]> {
  const start = Date.now();
  const info = workflowInfo();
  const same = Date.now() === start && new Date().getTime() === start;
  await sleep(1000);
  return [same, Date.now() - start >= 1000, info.startTime.getTime() <= start];
}
