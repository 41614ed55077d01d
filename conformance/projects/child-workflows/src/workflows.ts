import { ApplicationFailure, ChildWorkflowFailure, executeChild, ParentClosePolicy, sleep, startChild } from '@temporalio/workflow';

export async function parentWorkflow(...names: string[]): Promise<string> {
  const results = await Promise.all(names.map((name) => executeChild(childWorkflow, { args: [name], workflowId: `child-${name}` })));
  let failure = '';
  try {
    await executeChild('failingChild', { workflowId: 'child-fails', retry: { maximumAttempts: 2 } });
  } catch (err) {
    if (err instanceof ChildWorkflowFailure) failure = `${err.message}: ${err.cause?.message}`;
  }
  const abandoned = await startChild(childWorkflow, { args: ['stays'], workflowId: 'child-stays', parentClosePolicy: ParentClosePolicy.ABANDON });
  await startChild(childWorkflow, { args: ['goes'], workflowId: 'child-goes' });
  return [...results, failure, abandoned.workflowId].join('\n');
}

export async function childWorkflow(name: string): Promise<string> {
  await sleep(name.length * 1000);
  return `I am a child named ${name}`;
}

export async function failingChild(): Promise<void> {
  throw ApplicationFailure.create({ message: 'no luck', type: 'Unlucky' });
}
