import { must } from '../../../base/assert.ts';
import type { RpcName, StartWorkflowExecutionRequest, StartWorkflowExecutionResponse } from '../../../api/proto.ts';
import type { CallId, RpcResult } from '../../../api/rpc.ts';
import { createWorkflowRun, replayHistory } from '../../core/index.ts';
import { resolveModule } from '../../sandbox/index.ts';
import type { ProcessItem, WorkerPort } from '../../ports.ts';
import { Process } from '../process.ts';
import type { Op } from '../runtime/kernel.ts';
import { WorkerSet } from './worker-set.ts';

/** Environment variable that takes workflow code out of the deterministic sandbox ("raw mode"). */
const SANDBOX_VARIABLE = 'REPLAYGROUND_SANDBOX';

/** A process whose program makes Workers. Everything it had in memory is gone with it. */
export class WorkerProcess extends Process implements WorkerPort {
  #workers: WorkerSet | null = null;

  override start(dir: string): void {
    this.#workers = null;
    super.start(dir);
  }

  evictAll(): void {
    this.#workers?.evictAll();
  }

  replay(...replay: Parameters<WorkerPort['replay']>): boolean {
    return this.#workers?.replayAsWorker(...replay) ?? false;
  }

  /** An eager start needs a slot of one of these workers, or it is an ordinary start. */
  protected override outgoing(id: number, rpc: RpcName, request: unknown): unknown {
    if (rpc !== 'StartWorkflowExecution') return request;
    const start = request as StartWorkflowExecutionRequest;
    if (start.requestEagerExecution !== true || this.#workers?.reserveEagerStart(id, start) === true) return request;
    const { requestEagerExecution: _, ...ordinary } = start;
    return ordinary;
  }

  protected override answered(id: number, result: RpcResult): void {
    this.#workers?.onEagerStart(id, result.ok ? (result.response as StartWorkflowExecutionResponse).eagerWorkflowTask : undefined);
  }

  protected override handleOp(op: Op): void {
    this.#workers ??= this.#createWorkers();
    must(this.#workers.onOp(op) || null, `unknown op ${op.op}`);
  }

  protected override fireOther(item: ProcessItem): void {
    this.#workers?.fire(item);
  }

  protected override replyToOther(callId: CallId, result: RpcResult): void {
    this.#workers?.onReply(callId, result);
  }

  protected override blocked(now: boolean): void {
    this.#workers?.hold(now);
  }

  protected override ended(): void {
    this.#workers?.dispose();
    this.#workers = null;
  }

  #createWorkers(): WorkerSet {
    const { project } = this;
    return new WorkerSet({
      host: this.host,
      process: this.id,
      project,
      sandboxed: this.spec.env[SANDBOX_VARIABLE] !== 'off',
      resolve: (reference) => resolveModule(project, reference),
      deliver: (message) => this.deliver(message),
      createRun: createWorkflowRun,
      replay: (vm, history, workflowId) => replayHistory(vm, history, { workflowId }),
    });
  }
}
