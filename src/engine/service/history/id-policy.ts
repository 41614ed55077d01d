import type { WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '../../../api/proto.ts';
import { jsonPayload } from '../../../api/json-payload.ts';
import { alreadyStarted, invalidArgument } from '../errors.ts';
import type { Service } from '../service.ts';
import type { Run } from '../state.ts';
import { terminateRun } from './close.ts';

/** What to do when the workflow id is taken (`api/workflow_id_dedup.go`). */
export interface IdPolicy {
  readonly reuse: WorkflowIdReusePolicy;
  readonly conflict: WorkflowIdConflictPolicy;
}

const REUSE = 'WORKFLOW_ID_REUSE_POLICY_';
const CONFLICT = 'WORKFLOW_ID_CONFLICT_POLICY_';
const FAILED: { readonly [status: string]: true } = { FAILED: true, CANCELED: true, TERMINATED: true, TIMED_OUT: true };

/** Defaults, and the old "terminate if running" put into its new words. */
export function idPolicy(reuse: WorkflowIdReusePolicy | undefined, conflict: WorkflowIdConflictPolicy | undefined, defaultConflict: WorkflowIdConflictPolicy = `${CONFLICT}FAIL`): IdPolicy {
  const r = !reuse || reuse === `${REUSE}UNSPECIFIED` ? `${REUSE}ALLOW_DUPLICATE` as const : reuse;
  const c = !conflict || conflict === `${CONFLICT}UNSPECIFIED` ? null : conflict;
  if (r === `${REUSE}TERMINATE_IF_RUNNING`) {
    if (c) throw invalidArgument('Invalid WorkflowIDReusePolicy: WORKFLOW_ID_REUSE_POLICY_TERMINATE_IF_RUNNING cannot be used together with a WorkflowIDConflictPolicy');
    return { reuse: `${REUSE}ALLOW_DUPLICATE`, conflict: `${CONFLICT}TERMINATE_EXISTING` };
  }
  if (r === `${REUSE}REJECT_DUPLICATE` && c === `${CONFLICT}TERMINATE_EXISTING`) {
    throw invalidArgument('Invalid WorkflowIDReusePolicy: WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE cannot be used together with WorkflowIdConflictPolicy WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING');
  }
  return { reuse: r, conflict: c ?? defaultConflict };
}

/** `start` a new run or `useExisting`; a run in the way is terminated where the policy says so. Throws AlreadyExists. */
export function resolveId(svc: Service, current: Run | null, policy: IdPolicy, newRunId: string): 'start' | 'useExisting' {
  if (!current) return 'start';
  if (current.closedAt === null) {
    if (policy.conflict === `${CONFLICT}USE_EXISTING`) return 'useExisting';
    if (policy.conflict === `${CONFLICT}TERMINATE_EXISTING`) {
      terminateRun(svc, current, 'TerminateIfRunning WorkflowIdReusePolicy', {
        payloads: [jsonPayload(`terminated by new runID: ${newRunId}`)],
      }, 'history-service');
      return 'start';
    }
    throw alreadyStarted(`Workflow execution is already running. WorkflowId: ${current.workflowId}, RunId: ${current.runId}.`, current.createRequestId, current.runId, current.firstRunId);
  }
  if (policy.reuse === `${REUSE}REJECT_DUPLICATE`) {
    throw alreadyStarted(
      `Workflow execution already finished. WorkflowId: ${current.workflowId}, RunId: ${current.runId}. Workflow Id reuse policy: reject duplicate workflow Id.`, current.createRequestId, current.runId, current.firstRunId);
  }
  if (policy.reuse === `${REUSE}ALLOW_DUPLICATE_FAILED_ONLY` && !FAILED[current.status]) {
    throw alreadyStarted(
      `Workflow execution already finished successfully. WorkflowId: ${current.workflowId}, RunId: ${current.runId}. Workflow Id reuse policy: allow duplicate workflow Id if last run failed.`, current.createRequestId, current.runId, current.firstRunId);
  }
  return 'start';
}
