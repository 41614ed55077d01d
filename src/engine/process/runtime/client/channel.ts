import { BackoffTimeout } from '@grpc/grpc-js/build/src/backoff-timeout.js';
import { Status } from '@grpc/grpc-js/build/src/constants.js';
import { Unreachable } from '../../../../api/rpc.ts';
import { kernel, type RpcStatus } from '../kernel.ts';
import { localAddress } from './wire.ts';

export const connectivityState = { IDLE: 0, CONNECTING: 1, READY: 2, TRANSIENT_FAILURE: 3, SHUTDOWN: 4 };
const { IDLE, CONNECTING, READY, TRANSIENT_FAILURE, SHUTDOWN } = connectivityState;

/**
 * The way to one address, by the rules of grpc-js (subchannel.js, load-balancer-pick-first.js) and with its back-off: 1 s, ×1.6 ± 20 %,
 * at most 2 min. Connecting itself takes no time.
 *
 * | state | a call | connected | refused | the connection breaks | back-off over |
 * |---|---|---|---|---|---|
 * | IDLE | → CONNECTING, waits | | | | |
 * | CONNECTING | waits | → READY, calls are sent | → TRANSIENT_FAILURE, calls fail | | |
 * | READY | is sent | | → TRANSIENT_FAILURE | → IDLE | |
 * | TRANSIENT_FAILURE | fails at once | → READY | | | tries again |
 *
 * A connection that broke while nothing was under way shows at the next call, which is refused then.
 */
export class Channel {
  readonly target: string;
  /** The other end, as messages name it. */
  readonly peer: string;
  state = IDLE;
  #failure: RpcStatus = { code: Status.UNAVAILABLE, message: '' };
  #backoff: BackoffTimeout | null = null;
  /** Called once, at the next change of state. */
  #watchers: (() => void)[] = [];

  constructor(address: string) {
    this.target = `dns:${address}`;
    this.peer = localAddress(address);
  }

  /** Gives the state as `Channel.getConnectivityState` does. */
  reported(connect: boolean): number {
    const { state } = this;
    if (connect) this.#connect();
    return state;
  }

  /** Calls back when a call can be sent, or with what it fails. */
  pick(done: (failure: RpcStatus | null) => void): void {
    this.#connect();
    if (this.state === CONNECTING) this.#watchers.push(() => this.pick(done));
    else done(this.state === READY ? null : this.#failure);
  }

  /** `Client.waitForReady`. */
  waitForReady(deadline: number, callback: (error?: Error) => void): void {
    const check = (): void => {
      if (over) return;
      if (this.state === SHUTDOWN) return end(new Error('The channel has been closed'));
      this.#connect();
      if (this.state === READY) end();
      else this.#watchers.push(check);
    };
    const end = (error?: Error): void => {
      over = true;
      clearTimeout(timer);
      callback(error);
    };
    let over = false;
    const timer =
      deadline === Infinity
        ? undefined
        : setTimeout(
            () => end(new Error('Failed to connect before the deadline')),
            Math.max(0, deadline - kernel.now()),
          );
    void Promise.resolve().then(check);
  }

  /** What a failed call says of the connection, in grpc-js's words. */
  heard(status: RpcStatus): RpcStatus {
    if (status.code !== Status.UNAVAILABLE) return status;
    if (status.message === Unreachable.refused) {
      if (this.state === READY) this.#refused('ECONNREFUSED');
      return this.#failure;
    }
    if (status.message === Unreachable.dropped && this.state === READY) this.#enter(IDLE);
    return status;
  }

  close(): void {
    this.#failure = { code: Status.UNAVAILABLE, message: 'Channel closed before call started' };
    this.#backoff?.stop();
    this.#enter(SHUTDOWN);
  }

  #connect(): void {
    if (this.state !== IDLE) return;
    this.#enter(CONNECTING);
    this.#attempt();
  }

  #attempt(): void {
    kernel.connect(this.peer, (error) => {
      if (this.state !== CONNECTING && this.state !== TRANSIENT_FAILURE) return;
      if (error !== null) return this.#refused(error);
      this.#backoff?.stop();
      this.#backoff?.reset();
      this.#enter(READY);
    });
  }

  #refused(error: string): void {
    const message =
      error === 'ENOTFOUND'
        ? `Name resolution failed for target ${this.target}`
        : `No connection established. Last error: Error: connect ${error} ${this.peer}. Resolution note: `;
    this.#failure = { code: Status.UNAVAILABLE, message };
    this.#backoff ??= new BackoffTimeout(() => this.#attempt());
    this.#backoff.unref();
    this.#backoff.runOnce();
    if (this.state !== TRANSIENT_FAILURE) this.#enter(TRANSIENT_FAILURE);
  }

  #enter(state: number): void {
    this.state = state;
    const watchers = this.#watchers;
    this.#watchers = [];
    for (const watcher of watchers) watcher();
  }
}
