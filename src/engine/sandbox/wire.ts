import type { WorkflowActivation, WorkflowActivationCompletion, WorkflowActivationJob } from '../../api/proto.ts';
import type { ActivationResult } from '../../api/sandbox.ts';

/**
 * What the engine and a workflow VM say to each other about an activation, as JSON. Lists, because the VM's interpreter takes three times
 * as long to read an object as a list, and a replay is thousands of activations; what comes last is left out when it is at its default.
 */

/** A job: the number of a timer that fired; number and base64 of the JSON that an activity returned; else as proto3 JSON. */
export type JobText = number | readonly [seq: number, data: string] | WorkflowActivationJob;

/** What else an activation can have; null when all of it is at its default, as mostly. */
type ActivationRest = Pick<
  WorkflowActivation, 'continueAsNewSuggested' | 'targetWorkerDeploymentVersionChanged' | 'suggestContinueAsNewReasons' | 'deploymentVersionForCurrentTask'
> | null;

/** `now` is the clock outside the sandbox and `time` that of the workflow, both virtual milliseconds since the epoch. */
export type ActivationMessage = readonly [
  runId: string, now: number, time: number, isReplaying: boolean, historyLength: number, historySize: number, jobs: readonly JobText[],
  flags: readonly number[], lastSdkVersion: string, rest: ActivationRest,
];

/** A place in code: file and line, a number as `__t` gets it, or none. */
export type PlaceText = readonly [file: string, line: number] | number | null;

/** The answer to an activation; `places` has one for each command. */
export type AnswerMessage = readonly [
  completion: WorkflowActivationCompletion, places: readonly PlaceText[], lines: readonly number[],
  linesOmitted?: number, sinkCalls?: ActivationResult['sinkCalls'], consoleLines?: ActivationResult['consoleLines'],
];
