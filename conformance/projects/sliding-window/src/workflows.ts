import { condition, continueAsNew, defineSignal, getExternalWorkflowHandle, ParentClosePolicy, proxyActivities, setHandler, sleep, startChild, workflowInfo } from '@temporalio/workflow';
import type * as activities from './activities';

const { getRecords } = proxyActivities<typeof activities>({ startToCloseTimeout: '5 seconds' });

export interface Input {
  pageSize: number;
  windowSize: number;
  offset: number;
  running: number[];
  done: number;
}

export const reportCompletion = defineSignal<[number]>('reportCompletion');

/** Keeps a fixed number of children busy; goes on as a new run after each page, with its children still at work. */
export async function slidingWindow(input: Input): Promise<number> {
  const running = new Set(input.running);
  let { done } = input;
  setHandler(reportCompletion, (id) => {
    if (running.delete(id)) done++;
  });
  const records = await getRecords(input.offset, input.pageSize);
  for (const id of records) {
    await condition(() => running.size < input.windowSize);
    running.add(id);
    await startChild(recordProcessor, { args: [id], workflowId: `${workflowInfo().workflowId}/${id}`, parentClosePolicy: ParentClosePolicy.ABANDON });
  }
  if (records.length < input.pageSize) {
    await condition(() => running.size === 0);
    return done;
  }
  await continueAsNew<typeof slidingWindow>({ ...input, offset: input.offset + records.length, running: [...running], done });
  return done;
}

export async function recordProcessor(id: number): Promise<void> {
  await sleep(1000 + (id % 3) * 1000);
  const parent = workflowInfo().parent!;
  await getExternalWorkflowHandle(parent.workflowId).signal(reportCompletion, id);
}
