import { getInterceptingCall } from '@grpc/grpc-js/build/src/client-interceptors.js';
import { Status } from '@grpc/grpc-js/build/src/constants.js';
import { Metadata } from '@grpc/grpc-js/build/src/metadata.js';
import { messageFields, rpcNames } from '../../../../api/descriptors.ts';
import { kernel, type RpcResult, type RpcStatus } from '../kernel.ts';
import { messageFromJson, messageToJson } from '../../../sandbox/vm/proto-json.ts';

/**
 * Stands in for `@grpc/grpc-js`: its own interceptors, metadata and constants, on a channel that ends at the kernel. So the SDK's own
 * Connection, interceptors and retries run unchanged. Messages are not serialized to protobuf: they cross as proto3 JSON.
 */
export { InterceptingCall, InterceptorConfigurationError, ListenerBuilder, RequesterBuilder } from '@grpc/grpc-js/build/src/client-interceptors.js';
export { Status as status, LogVerbosity as logVerbosity, Propagate as propagate } from '@grpc/grpc-js/build/src/constants.js';
export { Metadata } from '@grpc/grpc-js/build/src/metadata.js';

export const connectivityState = { IDLE: 0, CONNECTING: 1, READY: 2, TRANSIENT_FAILURE: 3, SHUTDOWN: 4 };

/** Credentials carry nothing here: the simulated Service trusts everybody. */
class Credentials {
  compose(): Credentials {
    return this;
  }
}
const anyCredentials = (): Credentials => new Credentials();
export const credentials = {
  createInsecure: anyCredentials, createSsl: anyCredentials, createFromSecureContext: anyCredentials, combineChannelCredentials: anyCredentials,
  combineCallCredentials: anyCredentials, createFromMetadataGenerator: anyCredentials, createFromGoogleCredential: anyCredentials, createEmpty: anyCredentials,
};
export { Credentials as ChannelCredentials, Credentials as CallCredentials };

type Deadline = Date | number;
type Listener = { onReceiveMetadata(m: Metadata): void; onReceiveMessage(m: unknown): void; onReceiveStatus(s: { code: number; details: string; metadata: Metadata }): void };

const WORKFLOW_SERVICE = 'temporal.api.workflowservice.v1.WorkflowService';
const OPERATOR_SERVICE = 'temporal.api.operatorservice.v1.OperatorService';
const rpcs = new Set(rpcNames);

/** A status with its details where the SDK looks for them. The details' bytes are JSON text here, which proto.ts reads. */
function statusObject(status: RpcStatus): { code: number; details: string; metadata: Metadata } {
  const metadata = new Metadata();
  if (status.details && status.details.length > 0) metadata.set('grpc-status-details-bin', Buffer.from(JSON.stringify(status)) as any);
  return { code: status.code, details: status.message, metadata };
}

/** One attempt of a unary call. */
class KernelCall {
  readonly #path: string;
  readonly #deadline: Deadline;
  readonly #address: string;
  readonly #began = kernel.now();
  #listener: Listener | null = null;
  #message: unknown = null;
  #ended = false;
  #call: { cancel(): boolean } | null = null;
  constructor(path: string, deadline: Deadline, address: string) {
    this.#path = path;
    this.#deadline = deadline;
    // Node resolves it before it connects.
    this.#address = address.replace(/^localhost\b/, '127.0.0.1');
  }
  start(_metadata: Metadata, listener: Listener): void {
    this.#listener = listener;
  }
  sendMessageWithContext(context: { callback?: () => void }, message: unknown): void {
    this.#message = message;
    context.callback?.();
  }
  startRead(): void {}
  halfClose(): void {
    if (this.#ended) return;
    const [, service, rpc = ''] = this.#path.split('/');
    if (service === 'grpc.health.v1.Health') {
      const asked = (this.#message as { service?: string } | null)?.service ?? '';
      return this.#later(asked === '' || asked === WORKFLOW_SERVICE ? { ok: true, response: { status: 1 } } : { ok: false, status: { code: Status.NOT_FOUND, message: 'unknown service' } });
    }
    if ((service !== WORKFLOW_SERVICE && service !== OPERATOR_SERVICE) || !rpcs.has(rpc)) {
      return this.#later({ ok: false, status: { code: Status.UNIMPLEMENTED, message: `unknown method ${rpc} for service ${service}` } });
    }
    const timeout = this.#deadline === Infinity ? null : Number(this.#deadline) - kernel.now();
    if (timeout !== null && timeout <= 0) return this.#later({ ok: false, status: { code: Status.DEADLINE_EXCEEDED, message: 'Deadline exceeded' } });
    this.#call = kernel.startRpc(rpc, messageToJson(`${rpc}Request`, this.#message), timeout, (result) => this.#finish(result, `${rpc}Response`));
  }
  /** As grpc-js tells of a deadline: how long the attempt took, and with whom. */
  #named(status: RpcStatus): RpcStatus {
    if (status.code !== Status.DEADLINE_EXCEEDED || status.message !== 'Deadline exceeded') return status;
    return { ...status, message: `Deadline exceeded after ${((kernel.now() - this.#began) / 1000).toFixed(3)}s,remote_addr=${this.#address}` };
  }
  #later(result: RpcResult): void {
    void Promise.resolve().then(() => this.#finish(result, ''));
  }
  #finish(result: RpcResult, type: string): void {
    if (this.#ended) return;
    this.#ended = true;
    const listener = this.#listener;
    if (!result.ok) return listener?.onReceiveStatus(statusObject(this.#named(result.status)));
    listener?.onReceiveMetadata(new Metadata());
    listener?.onReceiveMessage(type in messageFields ? messageFromJson(type, result.response ?? {}) : (result.response ?? {}));
    listener?.onReceiveStatus({ code: Status.OK, details: 'OK', metadata: new Metadata() });
  }
  cancelWithStatus(code: number, message: string): void {
    if (this.#ended) return;
    this.#call?.cancel();
    this.#later({ ok: false, status: { code, message } });
  }
  getPeer(): string {
    return 'localhost:7233';
  }
  getCallNumber(): number {
    return 0;
  }
  getAuthContext(): null {
    return null;
  }
}


export class Client {
  readonly #address: string;
  readonly #channel: any = { createCall: (path: string, deadline: Deadline) => new KernelCall(path, deadline, this.#address) };
  #closed = false;
  constructor(address: string, _credentials: unknown, _options?: unknown) {
    this.#address = address;
  }
  close(): void {
    this.#closed = true;
  }
  getChannel(): object {
    return { getTarget: () => `dns:${this.#address}`, getConnectivityState: () => (this.#closed ? connectivityState.SHUTDOWN : connectivityState.READY) };
  }
  waitForReady(_deadline: Deadline, callback: (error?: Error) => void): void {
    void Promise.resolve().then(() => callback());
  }
  makeUnaryRequest(
    path: string,
    requestSerialize: (message: any) => any,
    responseDeserialize: (bytes: any) => any,
    argument: unknown,
    metadata: Metadata,
    options: { interceptors?: any[]; interceptor_providers?: any[]; deadline?: Deadline },
    callback: (error: Error | null, response?: unknown) => void,
  ): { cancel(): void; getPeer(): string } {
    if (this.#closed) throw new Error('Channel has been shut down');
    const definition = { path, requestStream: false, responseStream: false, requestSerialize, responseDeserialize };
    const interceptors = { clientInterceptors: [], clientInterceptorProviders: [], callInterceptors: options.interceptors ?? [], callInterceptorProviders: options.interceptor_providers ?? [] };
    const call = getInterceptingCall(interceptors, definition as any, options as any, this.#channel);
    let response: unknown = null;
    let ended = false;
    const end = (status: { code: number; details: string; metadata: Metadata }): void => {
      if (ended) return;
      ended = true;
      if (status.code === Status.OK && response !== null) return callback(null, response);
      const failed = status.code === Status.OK ? { ...status, code: Status.UNIMPLEMENTED, details: 'No message received' } : status;
      callback(Object.assign(new Error(`${failed.code} ${Status[failed.code]}: ${failed.details}`), failed));
    };
    call.start(metadata, {
      onReceiveMetadata: () => {},
      onReceiveMessage: (message: unknown) => {
        response = message;
      },
      onReceiveStatus: end,
    } as any);
    call.sendMessage(argument);
    call.halfClose();
    return { cancel: () => call.cancelWithStatus(Status.CANCELLED, 'Cancelled on client'), getPeer: () => call.getPeer() };
  }
}

export const makeGenericClientConstructor = (): typeof Client => Client;
