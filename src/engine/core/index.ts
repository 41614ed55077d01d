import type { PollWorkflowTaskQueueResponse } from '../../api/proto.ts';
import type { WorkflowVm } from '../../api/sandbox.ts';
import type { CoreConfig, CoreRun } from '../ports.ts';
import { createRun } from './run.ts';

/**
 * What Temporal's sdk-core does for workflows: history becomes activations of the workflow code, its commands are checked against
 * history, and new ones go to the Service.
 */

/**
 * Makes the cached run of a workflow in a worker. The task is only looked at; give it to `handleTask`.
 * @param vm the worker's VM; the run makes its instance in it with the first activation
 * @param task its history has to start with event 1
 */
export const createWorkflowRun = (vm: WorkflowVm, config: CoreConfig, task: PollWorkflowTaskQueueResponse): CoreRun => createRun(vm, config, task);

export { replayHistory } from './replay.ts';
