import { activityInfo } from '@temporalio/activity';
import { Client, Connection } from '@temporalio/client';

/** The runs that this process has signalled: a signal at each attempt would never let the run end. */
const signalled: string[] = [];

/** Signals the run that called it, once. */
export async function signalBack(text: string): Promise<void> {
  const workflowId = activityInfo().workflowExecution?.workflowId ?? '';
  if (signalled.includes(workflowId)) return;
  signalled.push(workflowId);
  const connection = await Connection.connect({ address: process.env.TEMPORAL_ADDRESS ?? 'localhost:7233' });
  const client = new Client({ connection });
  await client.workflow.getHandle(workflowId).signal('poke', text);
  await connection.close();
}
