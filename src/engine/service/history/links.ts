import type { EventType, Link } from '../../../api/proto.ts';
import type { Run } from '../state.ts';

/** A link to the event that a request made: by its request id, as the event may have no id yet (`GenerateRequestIDRefLink`). */
export const requestLink = (run: Run, requestId: string | undefined, eventType: EventType): Link => ({
  workflowEvent: { namespace: run.namespace, workflowId: run.workflowId, runId: run.runId, requestIdRef: { requestId: requestId || undefined, eventType } },
});

/** A link to a run as a whole. */
export const workflowLink = (run: Run, reason: string): Link => ({ workflow: { namespace: run.namespace, workflowId: run.workflowId, runId: run.runId, reason } });
