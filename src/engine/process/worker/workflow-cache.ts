import type { Timestamp } from '../../../base/brand.ts';
import type { AgendaId } from '../../../api/rpc.ts';
import type { PollWorkflowTaskQueueResponse } from '../../../api/proto.ts';
import type { CoreRun } from '../../ports.ts';
import type { WorkerEnv } from './env.ts';

/** A run in the cache of a worker. */
export interface CachedRun {
  readonly core: CoreRun;
  readonly workflowId: string;
  readonly runId: string;
  readonly workflowType: string;
  /** The Workflow Task it works on or reports; null when idle. */
  taskToken: string | null;
  /** That Workflow Task: when it came, and what is said of one that takes long. */
  task: { readonly since: Timestamp; readonly attempt: number; readonly historySize: number } | null;
  /** The last event it has seen. */
  lastEventId: number;
  /** Tasks that came while it was busy. */
  buffered: PollWorkflowTaskQueueResponse[];
  /** It has to leave once the Workflow Task is reported. */
  evictReason: string | null;
  heartbeatTimer: AgendaId | null;
}

/** Runs by run id, the least recently used first. */
export class WorkflowCache {
  readonly #env: WorkerEnv;
  readonly #runs = new Map<string, CachedRun>();

  constructor(env: WorkerEnv) {
    this.#env = env;
  }

  get size(): number {
    return this.#runs.size;
  }

  get(runId: string): CachedRun | undefined {
    return this.#runs.get(runId);
  }

  values(): readonly CachedRun[] {
    return [...this.#runs.values()];
  }

  add(run: CachedRun): void {
    this.#runs.set(run.runId, run);
    this.#env.emit({ type: 'cache', process: this.#env.process, op: 'add', workflowId: run.workflowId, runId: run.runId });
  }

  /** The run is used: it becomes the last to be evicted. */
  touch(run: CachedRun): void {
    this.#runs.delete(run.runId);
    this.#runs.set(run.runId, run);
  }

  remove(run: CachedRun, reason: string): void {
    if (this.#runs.get(run.runId) !== run) return;
    this.#runs.delete(run.runId);
    if (run.heartbeatTimer !== null) this.#env.cancel(run.heartbeatTimer);
    this.#env.emit({ type: 'cache', process: this.#env.process, op: 'evict', workflowId: run.workflowId, runId: run.runId, reason });
  }

  /** The run to give up for another one; null when all are busy. */
  leastRecentlyUsedIdle(): CachedRun | null {
    for (const run of this.#runs.values()) if (run.taskToken === null) return run;
    return null;
  }

  /** All runs are busy: the least recently used one that is to stay has to leave as soon as it is not. */
  makeLeave(reason: string): void {
    for (const run of this.#runs.values()) {
      if (run.evictReason !== null) continue;
      run.evictReason = reason;
      return;
    }
  }
}
