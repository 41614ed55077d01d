import { getInterceptingCall } from '@grpc/grpc-js/build/src/client-interceptors.js';
import { Status } from '@grpc/grpc-js/build/src/constants.js';
import { Metadata } from '@grpc/grpc-js/build/src/metadata.js';
import type { RpcResult, RpcStatus } from '../kernel.ts';
import { kernel } from '../kernel.ts';
import { Channel, connectivityState } from './channel.ts';
import { send, trailers } from './wire.ts';

/**
 * Stands in for `@grpc/grpc-js`: its own interceptors, metadata and constants, on a channel that ends at the kernel. So the SDK's own
 * Connection, interceptors and retries run unchanged. Messages are not serialized to protobuf: they cross as proto3 JSON.
 */
export { InterceptingCall, InterceptorConfigurationError, ListenerBuilder, RequesterBuilder } from '@grpc/grpc-js/build/src/client-interceptors.js';
export { Status as status, LogVerbosity as logVerbosity, Propagate as propagate } from '@grpc/grpc-js/build/src/constants.js';
export { Metadata } from '@grpc/grpc-js/build/src/metadata.js';

export { connectivityState };

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

/** One attempt of a unary call. */
class KernelCall {
  readonly #path: string;
  readonly #deadline: Deadline;
  readonly #channel: Channel;
  readonly #began = kernel.now();
  #listener: Listener | null = null;
  #message: unknown = null;
  #ended = false;
  #call: { cancel(): boolean } | null = null;
  constructor(path: string, deadline: Deadline, channel: Channel) {
    this.#path = path;
    this.#deadline = deadline;
    this.#channel = channel;
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
    const { state } = this.#channel;
    const timeout = this.#deadline === Infinity ? null : Number(this.#deadline) - kernel.now();
    if (timeout !== null && timeout <= 0) {
      const waited =
        state === connectivityState.READY ? `remote_addr=${this.#channel.peer}` : 'waiting for metadata filters';
      return this.#later({ code: Status.DEADLINE_EXCEEDED, message: `Deadline exceeded after 0.000s,${waited}` });
    }
    this.#channel.pick((failure) => {
      if (this.#ended) return;
      if (failure) return this.#later(failure);
      this.#call = send(this.#path, this.#message, timeout, (result) => this.#finish(result));
    });
  }
  /** As grpc-js tells of a deadline: how long the attempt took, and with whom. */
  #named(status: RpcStatus): RpcStatus {
    if (status.code !== Status.DEADLINE_EXCEEDED || status.message !== 'Deadline exceeded') return status;
    return { ...status, message: `Deadline exceeded after ${((kernel.now() - this.#began) / 1000).toFixed(3)}s,remote_addr=${this.#channel.peer}` };
  }
  #later(status: RpcStatus): void {
    void Promise.resolve().then(() => this.#finish({ ok: false, status }));
  }
  #finish(result: RpcResult): void {
    if (this.#ended) return;
    this.#ended = true;
    const listener = this.#listener;
    if (!result.ok) {
      const { code, message } = this.#named(this.#channel.heard(result.status));
      return listener?.onReceiveStatus({ code, details: message, metadata: trailers(result.status) });
    }
    listener?.onReceiveMetadata(new Metadata());
    listener?.onReceiveMessage(result.response);
    listener?.onReceiveStatus({ code: Status.OK, details: 'OK', metadata: new Metadata() });
  }
  cancelWithStatus(code: number, message: string): void {
    if (this.#ended) return;
    this.#call?.cancel();
    this.#later({ code, message });
  }
  getPeer(): string {
    return this.#channel.peer;
  }
  getCallNumber(): number {
    return 0;
  }
  getAuthContext(): null {
    return null;
  }
}


export class Client {
  readonly #channel: Channel;
  readonly #calls: any = { createCall: (path: string, deadline: Deadline) => new KernelCall(path, deadline, this.#channel) };
  constructor(address: string, _credentials: unknown, _options?: unknown) {
    this.#channel = new Channel(address);
  }
  close(): void {
    this.#channel.close();
  }
  getChannel(): object {
    return { getTarget: () => this.#channel.target, getConnectivityState: (connect: boolean) => this.#channel.reported(connect) };
  }
  waitForReady(deadline: Deadline, callback: (error?: Error) => void): void {
    this.#channel.waitForReady(Number(deadline), callback);
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
    if (this.#channel.state === connectivityState.SHUTDOWN) throw new Error('Channel has been shut down');
    const definition = { path, requestStream: false, responseStream: false, requestSerialize, responseDeserialize };
    const interceptors = { clientInterceptors: [], clientInterceptorProviders: [], callInterceptors: options.interceptors ?? [], callInterceptorProviders: options.interceptor_providers ?? [] };
    const call = getInterceptingCall(interceptors, definition as any, options as any, this.#calls);
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
