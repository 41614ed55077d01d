import { parseDuration } from '../../../base/time.ts';
import { invalidArgument } from '../errors.ts';
import { isUuid, wrongTaskQueue } from '../history/names.ts';
import type { Service } from '../service.ts';

type Execution = { readonly workflowId?: string | undefined; readonly runId?: string | undefined };

/** Refuses a request that names no workflow, or a run in another form than a UUID (`validateExecution` of the frontend). */
export function validateExecution(execution: Execution | undefined): void {
  if (!execution) throw invalidArgument('Execution is not set on request.');
  if (!execution.workflowId) throw invalidArgument('WorkflowId is not set on request.');
  if (execution.runId && !isUuid(execution.runId)) throw invalidArgument('Invalid RunId.');
}

/** The name of the task queue of a request (`tqid.NormalizeAndValidate`). */
export function taskQueueName(svc: Service, taskQueue: { readonly name?: string | undefined } | undefined): string {
  if (!taskQueue) throw invalidArgument('taskQueue is not set');
  if (!taskQueue.name) throw invalidArgument('missing task queue name');
  const wrong = wrongTaskQueue(taskQueue.name, svc.options.limits.idLength);
  if (wrong) throw invalidArgument(wrong);
  return taskQueue.name;
}

/** Refuses a negative duration of a request. */
export function checkDuration(name: string, text: string | undefined): void {
  if (parseDuration(text) < 0) throw invalidArgument(`An invalid ${name} is set on request. cause: negative duration`);
}

/** The timeouts of a start, now or by a schedule. */
export function checkTimeouts(start: { readonly workflowExecutionTimeout?: string | undefined; readonly workflowRunTimeout?: string | undefined; readonly workflowTaskTimeout?: string | undefined }): void {
  checkDuration('WorkflowExecutionTimeoutSeconds', start.workflowExecutionTimeout);
  checkDuration('WorkflowRunTimeoutSeconds', start.workflowRunTimeout);
  checkDuration('WorkflowTaskTimeoutSeconds', start.workflowTaskTimeout);
}

/** As `validateExecution`, for RPCs that leave the check of the run id to the history service (`workflow/cache`). */
export function validateTarget(execution: Execution | undefined): void {
  if (!execution?.workflowId) throw invalidArgument('WorkflowId is not set on request.');
  if (execution.runId && !isUuid(execution.runId)) throw invalidArgument('RunId is not valid UUID.');
}
