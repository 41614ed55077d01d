import { sleep } from '@temporalio/activity';

/** Takes a while, as real work does. */
export async function processData(input: string): Promise<string> {
  await sleep('400 ms');
  return input.toUpperCase();
}

/** Writes the result to the warehouse, a system outside of Temporal. */
export async function storeResult(output: string): Promise<string> {
  const response = await fetch('http://warehouse/results', { method: 'POST', body: JSON.stringify({ output }) });
  if (!response.ok) throw new Error(`warehouse answered ${response.status}`);
  return 'completed';
}
