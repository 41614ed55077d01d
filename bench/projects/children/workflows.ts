import { executeChild } from '@temporalio/workflow';

export async function parent(count: number): Promise<number> {
  const results = await Promise.all(Array.from({ length: count }, (_, i) => executeChild(child, { args: [i], workflowId: `child-${i}` })));
  return results.length;
}

export async function child(n: number): Promise<number> {
  return n;
}
