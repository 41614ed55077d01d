import { RpcCode, Unreachable } from '../../../../api/rpc.ts';
import { retryAfter, type CoreCall } from '../../worker/rpc.ts';
import { send } from '../client/wire.ts';
import { kernel, type RpcResult, type RpcStatus } from '../kernel.ts';

/** Calls that wait for something to happen. Core gives them a deadline of 70 s, which the Service never lets pass. */
const LONG = new Set(['UpdateWorkflowExecution', 'PollWorkflowExecutionUpdate', 'ExecuteMultiOperation']);
const waits = (path: string, request: unknown): boolean =>
  LONG.has(path.slice(path.lastIndexOf('/') + 1)) || (request as { waitNewEvent?: boolean }).waitNewEvent === true;

/** One call, `/<service>/<rpc>`, as Core makes it for those on a worker's connection: it is sent again by Core's own rules. Never rejects. */
export async function callCore(path: string, request: unknown, timeout: number | null): Promise<RpcResult> {
  const began = kernel.now();
  const after = timeout ?? (waits(path, request) ? null : 30_000);
  for (const call: CoreCall = { policy: 'ordinary', attempt: 1, throttled: 0 }; ; call.attempt++) {
    const result = await new Promise<RpcResult>((resolve) =>
      after === 0 ? resolve({ ok: false, status: EXPIRED }) : send(path, request, after, resolve),
    );
    if (result.ok) return result;
    const status = inCoresWords(result.status);
    const wait = retryAfter(call, status, kernel.now() - began, Math.random);
    if (wait === null) return { ok: false, status };
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

const EXPIRED: RpcStatus = { code: RpcCode.CANCELLED, message: 'Timeout expired' };

/** What the network, not the Service, had to say. */
function inCoresWords(status: RpcStatus): RpcStatus {
  if (status.code === RpcCode.DEADLINE_EXCEEDED && status.message === 'Deadline exceeded') return EXPIRED;
  if (status.code === RpcCode.UNAVAILABLE && status.message === Unreachable.refused)
    return { code: RpcCode.UNAVAILABLE, message: 'tcp connect error' };
  if (status.code === RpcCode.UNAVAILABLE && status.message === Unreachable.dropped)
    return { code: RpcCode.UNAVAILABLE, message: 'http2 error' };
  return status;
}
