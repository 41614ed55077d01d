import type { RpcCall } from '../../../api/rpc.ts';
import type { CountWorkflowExecutionsRequest, ListWorkflowExecutionsRequest } from '../../../api/proto.ts';
import { checkNamespace, ok, type Service } from '../service.ts';
import { countRuns, findRuns } from '../visibility/records.ts';

/** RPCs that list and count executions. The store is never behind: what has happened can be found at once. */

export function listWorkflowExecutions(svc: Service, call: RpcCall): void {
  const request = call.request as ListWorkflowExecutionsRequest;
  const { items, nextPageToken } = findRuns(svc, checkNamespace(svc, request.namespace), request.query ?? '', request.pageSize ?? 0, request.nextPageToken);
  ok(svc, call.callId, { executions: items, nextPageToken });
}

export function countWorkflowExecutions(svc: Service, call: RpcCall): void {
  const request = call.request as CountWorkflowExecutionsRequest;
  ok(svc, call.callId, countRuns(svc, checkNamespace(svc, request.namespace), request.query ?? ''));
}
