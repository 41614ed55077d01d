import { timestamp, type Timestamp } from '../../../base/brand.ts';
import type { PollActivityTaskQueueRequest, PollActivityTaskQueueResponse, PollWorkflowTaskQueueRequest, PollWorkflowTaskQueueResponse } from '../../../api/proto.ts';
import type { AgendaId } from '../../../api/rpc.ts';
import { deploymentFields } from './deployment.ts';
import type { WorkerEnv } from './env.ts';
import type { PollerBehaviorConfig } from './messages.ts';
import type { CoreClient, Purpose } from './rpc.ts';
import { permitAt, reserve, use, type ResourceUsage, type Slots } from './slots.ts';

/**
 * Who polls what, and when (sdk-core pollers/poll_buffer.rs, worker/workflow/wft_poller.rs):
 *
 *   a poll starts when  polls open < target  and  a slot is free  and, for activities, maxActivitiesPerSecond allows it
 *
 * Workflow polls are split by `nonStickyToStickyPollRatio` (10 → 2 on the normal queue, 8 on the sticky one); at least one of each is
 * open, and the last permits are shared so that neither starves.
 */
export type PollerKind = 'workflow' | 'stickyWorkflow' | 'activity';

interface Poller {
  readonly kind: PollerKind;
  readonly taskQueue: string;
  readonly minimum: number;
  readonly maximum: number;
  /** Where false, the target stays. */
  readonly autoscaling: boolean;
  /** Autoscaling moves it between minimum and maximum. */
  target: number;
  active: number;
  /** Count that the trace shows. */
  shown: number;
  sawScalingDecision: boolean;
}

/** `stickyTaskQueue` is null when nothing is cached. */
export class Pollers {
  readonly #env: WorkerEnv;
  readonly #client: CoreClient;
  readonly #slots: { readonly workflow: Slots; readonly activity: Slots };
  readonly #usage: () => ResourceUsage;
  readonly #pollers: Poller[] = [];
  #stickyBacklog = 0;
  #open = true;
  /** When maxActivitiesPerSecond allows the next activity poll. */
  #nextActivityPollAt: Timestamp = timestamp(0);
  /** An item that will call {@link pump} again. */
  #wakeUp: { readonly at: Timestamp; readonly id: AgendaId } | null = null;

  constructor(env: WorkerEnv, client: CoreClient, slots: { readonly workflow: Slots; readonly activity: Slots }, stickyTaskQueue: string | null, usage: () => ResourceUsage) {
    this.#env = env;
    this.#client = client;
    this.#slots = slots;
    this.#usage = usage;
    const { config } = env;
    if (config.workflows) {
      const behavior = config.pollers.workflow;
      const normal = behavior.type === 'simple-maximum' ? Math.max(1, Math.floor(behavior.maximum * config.nonStickyToStickyPollRatio)) : 0;
      if (stickyTaskQueue === null) this.#add('workflow', config.taskQueue, behavior);
      else {
        const split = behavior.type === 'simple-maximum';
        this.#add('workflow', config.taskQueue, split ? { type: 'simple-maximum', maximum: normal } : behavior);
        this.#add('stickyWorkflow', stickyTaskQueue, split ? { type: 'simple-maximum', maximum: Math.max(1, behavior.maximum - normal) } : behavior);
      }
    }
    if (config.enableNonLocalActivities && config.activityTypes.length > 0) this.#add('activity', config.taskQueue, config.pollers.activity);
  }

  #add(kind: PollerKind, taskQueue: string, behavior: PollerBehaviorConfig): void {
    const [minimum, target] = behavior.type === 'simple-maximum' ? [1, behavior.maximum] : [behavior.minimum, behavior.initial];
    this.#pollers.push({ kind, taskQueue, minimum, maximum: behavior.maximum, autoscaling: behavior.type === 'autoscaling', target, active: 0, shown: 0, sawScalingDecision: false });
  }

  get any(): boolean {
    return this.#pollers.length > 0;
  }

  /** Polls that are open or wait to be asked again. */
  get active(): number {
    return this.#pollers.reduce((sum, p) => sum + p.active, 0);
  }

  /** Starts every poll that may start now. */
  pump(): void {
    if (!this.#open) return;
    let started = true;
    while (started) {
      started = false;
      for (const poller of this.#pollers) if (this.#mayStart(poller)) {
        this.#start(poller);
        started = true;
      }
    }
  }

  /** No more polls; those that are open are taken back. */
  stop(): void {
    this.close();
    for (const purpose of this.#client.cancelPolls()) this.#release(this.#poller(purpose));
  }

  /** No new polls; open ones may still bring a task. */
  close(): void {
    this.#open = false;
    if (this.#wakeUp) this.#env.cancel(this.#wakeUp.id);
    this.#wakeUp = null;
  }

  /** The wake-up item is due. */
  wake(): void {
    this.#wakeUp = null;
  }

  /** A poll was answered; the task holds its slot when there is one. */
  answered(purpose: Purpose, response: PollWorkflowTaskQueueResponse | PollActivityTaskQueueResponse | null): boolean {
    const poller = this.#poller(purpose);
    poller.active--;
    const decision = response?.pollerScalingDecision;
    if (decision && poller.autoscaling) {
      poller.sawScalingDecision = true;
      poller.target = Math.min(poller.maximum, Math.max(poller.minimum, poller.target + (decision.pollRequestDeltaSuggestion ?? 0)));
    }
    const slots = this.#slotsOf(poller);
    if (response?.taskToken) {
      if (poller.kind === 'stickyWorkflow') this.#stickyBacklog = Number((response as PollWorkflowTaskQueueResponse).backlogCountHint ?? 0);
      use(slots);
      return true;
    }
    slots.reserved--;
    if (poller.sawScalingDecision) poller.target = Math.max(poller.minimum, poller.target - 1);
    return false;
  }

  /** The trace shows a count when a step changed it. */
  show(): void {
    for (const poller of this.#pollers)
      if (poller.shown !== poller.active) {
        poller.shown = poller.active;
        this.#env.emit({ type: 'pollers', process: this.#env.process, kind: poller.kind, taskQueue: poller.taskQueue, count: poller.active });
      }
  }

  /** Permits that the loop of a poller holds while it waits for an open poll to end: one more poll is always prepared. */
  preparedActivityPermits(): number {
    const poller = this.#pollers.find((p) => p.kind === 'activity');
    return poller && poller.active >= poller.target ? 1 : 0;
  }

  #slotsOf(poller: Poller): Slots {
    return poller.kind === 'activity' ? this.#slots.activity : this.#slots.workflow;
  }

  #poller(purpose: Purpose): Poller {
    return this.#pollers.find((p) => p.kind === purpose['kind']) as Poller;
  }

  #release(poller: Poller): void {
    poller.active--;
    this.#slotsOf(poller).reserved--;
  }

  #mayStart(poller: Poller): boolean {
    if (poller.active >= poller.target || !this.#balanced(poller)) return false;
    const now = this.#env.now();
    let at = permitAt(this.#slotsOf(poller), now, this.#usage());
    if (at === 'wait') return false;
    if (poller.kind === 'activity' && this.#env.config.maxActivitiesPerSecond !== null) at = timestamp(Math.max(at, Math.ceil(this.#nextActivityPollAt)));
    if (at <= now) return true;
    this.#wakeAt(at);
    return false;
  }

  /** Shares the last permits between the two workflow pollers. */
  #balanced(poller: Poller): boolean {
    const { supplier } = this.#slots.workflow;
    if (poller.kind === 'activity' || supplier.type !== 'fixed-size') return true;
    const other = this.#pollers.find((p) => p !== poller && p.kind !== 'activity');
    if (!other || poller.active === 0) return true;
    if (other.active === 0 && poller.active + 1 >= supplier.numSlots) return false;
    const sticky = poller.kind === 'stickyWorkflow' ? poller : other;
    if (this.#stickyBacklog > 1 && this.#stickyBacklog > sticky.active) return poller === sticky;
    return poller.active + other.active < supplier.numSlots;
  }

  #wakeAt(at: Timestamp): void {
    if (this.#wakeUp && this.#wakeUp.at <= at) return;
    if (this.#wakeUp) this.#env.cancel(this.#wakeUp.id);
    this.#wakeUp = { at, id: this.#env.schedule(at, { type: 'workerPump' }) };
  }

  #start(poller: Poller): void {
    const { config, now } = { config: this.#env.config, now: this.#env.now() };
    reserve(this.#slotsOf(poller), now);
    poller.active++;
    const common = { namespace: config.namespace, identity: config.identity, ...deploymentFields(config) };
    if (poller.kind === 'activity') {
      if (config.maxActivitiesPerSecond !== null) this.#nextActivityPollAt = timestamp(Math.max(now, this.#nextActivityPollAt) + 1000 / config.maxActivitiesPerSecond);
      const request: PollActivityTaskQueueRequest = {
        ...common,
        taskQueue: { name: poller.taskQueue, kind: 'TASK_QUEUE_KIND_NORMAL' },
        ...(config.maxTaskQueueActivitiesPerSecond === null ? {} : { taskQueueMetadata: { maxTasksPerSecond: config.maxTaskQueueActivitiesPerSecond } }),
      };
      this.#client.call('PollActivityTaskQueue', request, { part: 'poll', kind: poller.kind });
    } else {
      const sticky = poller.kind === 'stickyWorkflow';
      const request: PollWorkflowTaskQueueRequest = {
        ...common,
        taskQueue: sticky
          ? { name: poller.taskQueue, kind: 'TASK_QUEUE_KIND_STICKY', normalName: config.taskQueue }
          : { name: poller.taskQueue, kind: 'TASK_QUEUE_KIND_NORMAL' },
      };
      this.#client.call('PollWorkflowTaskQueue', request, { part: 'poll', kind: poller.kind });
    }
  }
}
