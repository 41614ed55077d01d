import { log, workflowInfo } from '@temporalio/workflow';

export async function cronWorkflow(name: string): Promise<string> {
  log.info(`hello ${name}, ${workflowInfo().startTime.toISOString()}`);
  return name;
}
