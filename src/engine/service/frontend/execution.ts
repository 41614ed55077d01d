import { invalidArgument } from '../errors.ts';
import { isUuid } from '../history/names.ts';

type Execution = { readonly workflowId?: string | undefined; readonly runId?: string | undefined };

/** Refuses a request that names no workflow, or a run in another form than a UUID (`validateExecution` of the frontend). */
export function validateExecution(execution: Execution | undefined): void {
  if (!execution) throw invalidArgument('Execution is not set on request.');
  if (!execution.workflowId) throw invalidArgument('WorkflowId is not set on request.');
  if (execution.runId && !isUuid(execution.runId)) throw invalidArgument('Invalid RunId.');
}

/** The same for RPCs that leave the check of the run id to the history service (`workflow/cache`). */
export function validateTarget(execution: Execution | undefined): void {
  if (!execution?.workflowId) throw invalidArgument('WorkflowId is not set on request.');
  if (execution.runId && !isUuid(execution.runId)) throw invalidArgument('RunId is not valid UUID.');
}
