import { Status } from '@grpc/grpc-js/build/src/constants.js';
import { Metadata } from '@grpc/grpc-js/build/src/metadata.js';
import { messageFields, rpcNames } from '../../../../api/descriptors.ts';
import { messageFromJson, messageToJson } from '../../../sandbox/vm/proto-json.ts';
import { kernel, type RpcResult, type RpcStatus } from '../kernel.ts';

export const WORKFLOW_SERVICE = 'temporal.api.workflowservice.v1.WorkflowService';
export const OPERATOR_SERVICE = 'temporal.api.operatorservice.v1.OperatorService';
const rpcs = new Set(rpcNames);

/** Node resolves a name before it connects. */
export const localAddress = (address: string): string => address.replace(/^localhost(?=:)/, '127.0.0.1');

/** Sends one unary call, `/<service>/<rpc>`, to the Service. Messages are those of the SDK: they cross as proto3 JSON. */
export function send(
  path: string,
  message: unknown,
  timeout: number | null,
  done: (result: RpcResult) => void,
): { cancel(): boolean } {
  const [, service, rpc = ''] = path.split('/');
  const now = (result: RpcResult): { cancel(): boolean } => {
    void Promise.resolve().then(() => done(result));
    return { cancel: () => false };
  };
  if (service === 'grpc.health.v1.Health') {
    const asked = (message as { service?: string } | null)?.service ?? '';
    return now(
      asked === '' || asked === WORKFLOW_SERVICE
        ? { ok: true, response: { status: 1 } }
        : { ok: false, status: { code: Status.NOT_FOUND, message: 'unknown service' } },
    );
  }
  if ((service !== WORKFLOW_SERVICE && service !== OPERATOR_SERVICE) || !rpcs.has(rpc))
    return now({
      ok: false,
      status: { code: Status.UNIMPLEMENTED, message: `unknown method ${rpc} for service ${service}` },
    });
  return kernel.startRpc(rpc, messageToJson(`${rpc}Request`, message), timeout, (result) => {
    const type = `${rpc}Response`;
    done(
      result.ok
        ? {
            ok: true,
            response: type in messageFields ? messageFromJson(type, result.response ?? {}) : (result.response ?? {}),
          }
        : result,
    );
  });
}

/** What comes with a failed call: a status's details where the SDK looks for them. Their bytes are JSON text here, which proto.ts reads. */
export function trailers(status: RpcStatus): Metadata {
  const metadata = new Metadata();
  if (!isLocal(status)) metadata.set('content-type', 'application/grpc');
  if (status.details && status.details.length > 0)
    metadata.set('grpc-status-details-bin', Buffer.from(JSON.stringify(status)) as any);
  return metadata;
}

/** Whether no Service said it. */
const isLocal = ({ code, message }: RpcStatus): boolean =>
  code === Status.CANCELLED ||
  (code === Status.DEADLINE_EXCEEDED && message.startsWith('Deadline exceeded')) ||
  code === Status.UNAVAILABLE;
