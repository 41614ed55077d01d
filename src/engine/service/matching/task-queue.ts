import type { Timestamp } from '../../../base/brand.ts';
import { compareText } from '../../../base/compare.ts';
import { nextInt } from '../../../base/random.ts';
import type { PollerScalingDecision } from '../../../api/proto.ts';
import type { CallId } from '../../../api/rpc.ts';
import { now, ok, type Service } from '../service.ts';
import type { PartitionState, Poller, QueueTask, QueueType, TaskQueueState } from '../state.ts';

/**
 * Task queues. A queue exists once it is named; its backlog stays when nobody polls. Each has partitions: a task is written to one by
 * chance, a poller waits at the one with the fewest pollers. Priorities order the tasks of a partition. Partitions without work or pollers forward to each other, so a task and a
 * poller always meet; only the order in a backlog depends on the partitions.
 */

/**
 * Gives a task to a poller, or says that the task is no longer valid (the poller gets the next one). `backlog` is how many tasks wait
 * behind it in its partition.
 */
export type Deliver = (svc: Service, queue: TaskQueueState, task: QueueTask, poller: Poller, backlog: number) => 'delivered' | 'obsolete';

/** Of tasks that name none (`matching.priorityLevels` is 5). */
export const DEFAULT_PRIORITY = 3;

/** How long a worker's poll lasts when there is nothing to do. */
const LONG_POLL_MS = 60_000;

export const queueKey = (namespace: string, type: QueueType, name: string): string => `${namespace}\n${type}\n${name}`;

/** The queue of this name; made when it is first named. */
export function getQueue(svc: Service, namespace: string, type: QueueType, name: string, normalName = ''): TaskQueueState {
  const key = queueKey(namespace, type, name);
  const existing = svc.state.queues[key];
  if (existing) {
    if (normalName) existing.normalName = normalName;
    return existing;
  }
  const count = normalName ? 1 : (Object.hasOwn(svc.options.partitionsByQueue, name) ? (svc.options.partitionsByQueue[name] as number) : svc.options.partitions);
  const partitions: PartitionState[] = [];
  for (let i = 0; i < count; i++) partitions.push({ backlog: [], head: 0, pollers: [], nextTokenAt: 0 });
  const queue: TaskQueueState = {
    key, name, namespace, type, normalName, partitions, rate: 0, config: null, recent: { bucket: 0, added: [0], dispatched: [0] }, rateTimer: null, seen: {}, added: 0, dispatched: 0,
  };
  svc.state.queues[key] = queue;
  return queue;
}

/** Whether this poller may have this task (worker versions). */
function accepts(poller: Poller, task: QueueTask): boolean {
  if (task.version === null) return poller.deployment === null || !poller.deployment.versioned || task.kind === 'query';
  return poller.deployment !== null && poller.deployment.versioned && `${poller.deployment.deploymentName}:${poller.deployment.buildId}` === task.version;
}

/** A new task: to a waiting poller at once (sync match), else into a backlog. */
export function addTask(svc: Service, queue: TaskQueueState, task: QueueTask, deliver: Deliver): void {
  queue.added++;
  countRecent(svc, queue, 'added');
  svc.dirtyQueues[queue.key] = true;
  // With a limit it matters at once where a task is: each partition has its share of the limit.
  const place = effectiveRate(queue) === null ? null : anyPartition(svc, queue);
  const poller = place === null || tokenReady(svc, place) ? takePoller(queue, task) : null;
  if (poller) {
    delete svc.state.parked[poller.callId];
    if (deliver(svc, queue, task, poller, 0) === 'delivered') dispatched(svc, queue, poller, place);
    // The task is obsolete: the poller goes on waiting.
    else park(svc, queue, poller);
    return;
  }
  enqueue(place ?? anyPartition(svc, queue), task);
  armRate(svc, queue);
}

/** Behind the tasks of the same and of higher priority. */
function enqueue({ backlog, head }: PartitionState, task: QueueTask): void {
  let at = backlog.length;
  while (at > head && (backlog[at - 1] as QueueTask).priority > task.priority) at--;
  backlog.splice(at, 0, task);
}

const anyPartition = (svc: Service, { partitions }: TaskQueueState): PartitionState =>
  partitions[partitions.length === 1 ? 0 : nextInt(svc.host.stream('service/matching'), 0, partitions.length - 1)] as PartitionState;

/** A poll arrives: it gets the head of a backlog, or waits. */
export function addPoller(svc: Service, queue: TaskQueueState, poller: Poller, deliver: Deliver): void {
  const at = now(svc);
  queue.seen[poller.identity] = { lastAt: at, process: poller.process, rate: poller.rate, deployment: poller.deployment };
  svc.dirtyQueues[queue.key] = true;
  if (!serve(svc, queue, poller, deliver)) park(svc, queue, poller);
}

/** Tries to give the poller a task of the backlog. */
function serve(svc: Service, queue: TaskQueueState, poller: Poller, deliver: Deliver): boolean {
  for (;;) {
    const taken = takeTask(svc, queue, fewestPollers(queue), poller);
    if (!taken) break;
    if (deliver(svc, queue, taken.task, poller, backlogOf(taken.partition)) === 'delivered') {
      dispatched(svc, queue, poller, taken.partition);
      return true;
    }
  }
  armRate(svc, queue);
  return false;
}

function dispatched(svc: Service, queue: TaskQueueState, poller: Poller, from: PartitionState | null): void {
  if (from) spendToken(svc, queue, from);
  queue.dispatched++;
  countRecent(svc, queue, 'dispatched');
  // A poll counts when it begins and when it ends, unless its caller is gone (`task_queue_partition_manager.go`, PollTask).
  const seen = queue.seen[poller.identity];
  if (seen) seen.lastAt = now(svc);
}

/** A poll that waited this long was one too many; a backlog of this age wants one more (`matching.pollerScalingWaitTime`, `…BacklogAgeScaleUp`). */
const SCALE_DOWN_WAIT_MS = 1_000;
const SCALE_UP_AGE_MS = 200;

/** What a poller that gets a task hears about the number of its polls (`physical_task_queue_manager.go`, makePollerScalingDecision). */
export function scalingDecision(svc: Service, queue: TaskQueueState, poller: Poller): { readonly pollerScalingDecision?: PollerScalingDecision } {
  const at = now(svc);
  if (at - renewedAt(poller, at) >= SCALE_DOWN_WAIT_MS) return { pollerScalingDecision: { pollRequestDeltaSuggestion: -1 } };
  const old = at - oldestOf(queue, at) > SCALE_UP_AGE_MS;
  return old ? { pollerScalingDecision: { pollRequestDeltaSuggestion: 1 } } : {};
}

function park(svc: Service, queue: TaskQueueState, poller: Poller): void {
  (queue.partitions[fewestPollers(queue)] as PartitionState).pollers.push(poller);
  svc.state.parked[poller.callId] = { kind: 'poll', queueKey: queue.key };
}

/** The caller of a poll is gone. What stays known of it is when it last began to poll. */
export function removePoller(svc: Service, queue: TaskQueueState, callId: CallId): void {
  for (const partition of queue.partitions) {
    const index = partition.pollers.findIndex((p) => p.callId === callId);
    const [poller] = index >= 0 ? partition.pollers.splice(index, 1) : [];
    const seen = poller ? queue.seen[poller.identity] : undefined;
    if (poller && seen) seen.lastAt = Math.max(seen.lastAt, renewedAt(poller, now(svc)));
  }
  svc.dirtyQueues[queue.key] = true;
}

/** When a waiting poll was last asked again: it stays parked here, but a worker asks once a minute. */
const renewedAt = (poller: Poller, at: number): number => poller.startedAt + Math.floor((at - poller.startedAt) / LONG_POLL_MS) * LONG_POLL_MS;

/** Answers all waiting polls with nothing and forgets the poller (a worker that shuts down asks for it). */
export function releasePollers(svc: Service, queue: TaskQueueState, identity: string): void {
  for (const partition of queue.partitions) {
    for (const poller of partition.pollers.filter((p) => p.identity === identity)) {
      delete svc.state.parked[poller.callId];
      ok(svc, poller.callId, {});
    }
    partition.pollers = partition.pollers.filter((p) => p.identity !== identity);
  }
  delete queue.seen[identity];
  svc.dirtyQueues[queue.key] = true;
}

/** Whether a sticky queue has a worker behind it: one that polls now, or whose last poll began (or ended) within the window. */
export const hasRecentPoller = (svc: Service, queue: TaskQueueState): boolean => hasPollerWithin(svc, queue, svc.options.stickyWindowMs);

function hasPollerWithin(svc: Service, queue: TaskQueueState, windowMs: number): boolean {
  if (queue.partitions.some((p) => p.pollers.length > 0)) return true;
  for (const identity in queue.seen) if (now(svc) - (queue.seen[identity]?.lastAt ?? 0) < windowMs) return true;
  return false;
}

/** The same for a normal queue and queries (`matching.queryPollerUnavailableWindow`, 20 s). */
export const hasQueryPoller = (svc: Service, queue: TaskQueueState): boolean => hasPollerWithin(svc, queue, 20_000);

/** How long a poller is remembered (`matching.PollerHistoryTTL`). */
export const POLLER_HISTORY_MS = 300_000;

/** Whether a worker of this version polls any queue, or did a while ago. */
export const hasVersionPollers = (svc: Service, namespace: string, deploymentName: string, buildId: string): boolean =>
  Object.values(svc.state.queues).some((queue) => queue.namespace === namespace && Object.entries(queue.seen).some(([identity, { deployment, lastAt }]) =>
    deployment?.versioned && deployment.deploymentName === deploymentName && deployment.buildId === buildId &&
    (now(svc) - lastAt < POLLER_HISTORY_MS || queue.partitions.some((p) => p.pollers.some((poller) => poller.identity === identity)))));

/** The tasks that wait. */
export const waitingTasks = (queue: TaskQueueState): QueueTask[] => queue.partitions.flatMap(({ backlog, head }) => backlog.slice(head));

/** Since when the oldest of the tasks that wait does; `none` where there is none. In a partition the first task of each priority is its oldest. */
export function oldestOf(queue: TaskQueueState, none: number): number {
  let oldest = none;
  for (const { backlog, head } of queue.partitions) {
    for (let i = head; i < backlog.length; i++) {
      const { addedAt, priority } = backlog[i] as QueueTask;
      oldest = Math.min(oldest, addedAt);
      if (priority === backlog.at(-1)?.priority) break;
    }
  }
  return oldest;
}

export const backlogOf = (partition: PartitionState): number => partition.backlog.length - partition.head;

/** The oldest waiting poller that may have the task. */
function takePoller(queue: TaskQueueState, task: QueueTask): Poller | null {
  let best: PartitionState | null = null;
  let bestIndex = -1;
  let bestId = Infinity;
  for (const partition of queue.partitions) {
    for (let i = 0; i < partition.pollers.length; i++) {
      const poller = partition.pollers[i] as Poller;
      if (poller.callId >= bestId || !accepts(poller, task)) continue;
      best = partition;
      bestIndex = i;
      bestId = poller.callId;
    }
  }
  return best ? (best.pollers.splice(bestIndex, 1)[0] ?? null) : null;
}

/** A task for the poller: from its own partition first, then from the others in turn, as far as the limit lets tasks go. */
function takeTask(svc: Service, queue: TaskQueueState, from: number, poller: Poller): { readonly task: QueueTask; readonly partition: PartitionState } | null {
  const count = queue.partitions.length;
  for (let k = 0; k < count; k++) {
    const partition = queue.partitions[(from + k) % count] as PartitionState;
    if (!tokenReady(svc, partition)) continue;
    for (let i = partition.head; i < partition.backlog.length; i++) {
      const task = partition.backlog[i] as QueueTask;
      if (!accepts(poller, task)) continue;
      if (i === partition.head) partition.head++;
      else partition.backlog.splice(i, 1);
      if (partition.head > 64 && partition.head * 2 > partition.backlog.length) {
        partition.backlog.splice(0, partition.head);
        partition.head = 0;
      }
      return { task, partition };
    }
  }
  return null;
}

function fewestPollers(queue: TaskQueueState): number {
  let best = 0;
  for (let i = 1; i < queue.partitions.length; i++) {
    if ((queue.partitions[i] as PartitionState).pollers.length < (queue.partitions[best] as PartitionState).pollers.length) best = i;
  }
  return best;
}

// ---------------------------------------------------------------- rate limit

/** How much of a second's tasks may leave at once after a rest (`defaultBurstDuration`). */
const BURST_MS = 1000;

/** The limit that workers ask for (`maxTaskQueueActivitiesPerSecond`): the last poll's. 0 for none. */
export function setRate(svc: Service, queue: TaskQueueState, rate: number): void {
  if (rate === queue.rate) return;
  queue.rate = rate;
  rateChanged(svc, queue);
}

/** A limit from outside (UpdateTaskQueueConfig); null takes it away. Tasks that wait may go at the new rate. */
export function configureRate(svc: Service, queue: TaskQueueState, config: TaskQueueState['config'], deliver: Deliver): void {
  queue.config = config;
  rateChanged(svc, queue);
  matchBacklog(svc, queue, deliver);
}

/** The limit that holds, in tasks per second; null for none. */
export const effectiveRate = (queue: TaskQueueState): number | null => queue.config?.rate ?? (queue.rate > 0 ? queue.rate : null);

/** Between two tasks of a partition: each has an equal share of the limit (`ratelimit_manager.go`). */
function intervalOf(queue: TaskQueueState): number {
  const rate = effectiveRate(queue);
  return rate === null ? 0 : (1000 * queue.partitions.length) / rate;
}

/** What a stricter limit made wait does not wait longer than the new limit asks for. */
function rateChanged(svc: Service, queue: TaskQueueState): void {
  const latest = now(svc) + intervalOf(queue) + BURST_MS;
  for (const partition of queue.partitions) partition.nextTokenAt = effectiveRate(queue) === 0 ? Infinity : Math.min(partition.nextTokenAt, latest);
  armRate(svc, queue);
}

const tokenReady = (svc: Service, partition: PartitionState): boolean => now(svc) >= partition.nextTokenAt;

function spendToken(svc: Service, queue: TaskQueueState, partition: PartitionState): void {
  const interval = intervalOf(queue);
  if (interval > 0) partition.nextTokenAt = Math.max(partition.nextTokenAt, now(svc) - BURST_MS) + interval;
}

/** A limited queue with work wakes when the next of its tasks may leave. */
function armRate(svc: Service, queue: TaskQueueState): void {
  if (queue.rateTimer !== null) svc.host.cancel(queue.rateTimer);
  queue.rateTimer = null;
  const next = Math.min(...queue.partitions.map((p) => (backlogOf(p) > 0 && !tokenReady(svc, p) ? p.nextTokenAt : Infinity)));
  if (next < Infinity) queue.rateTimer = svc.host.schedule(Math.ceil(next) as Timestamp, { type: 'taskQueueRate', queueKey: queue.key });
}

/** The next token is due. */
export function rateElapsed(svc: Service, queue: TaskQueueState, deliver: Deliver): void {
  queue.rateTimer = null;
  matchBacklog(svc, queue, deliver);
}

/** Brings waiting pollers and waiting tasks together, after something that kept them apart has changed. */
export function matchBacklog(svc: Service, queue: TaskQueueState, deliver: Deliver): void {
  svc.dirtyQueues[queue.key] = true;
  const pollers = queue.partitions.flatMap((p) => p.pollers).sort((a, b) => a.callId - b.callId);
  for (const poller of pollers) {
    for (const partition of queue.partitions) {
      const index = partition.pollers.indexOf(poller);
      if (index >= 0) partition.pollers.splice(index, 1);
    }
    delete svc.state.parked[poller.callId];
    if (!serve(svc, queue, poller, deliver)) park(svc, queue, poller);
  }
  armRate(svc, queue);
}

/** Tells the trace how the queue stands. */
export function emitQueue(svc: Service, queue: TaskQueueState): void {
  const counts: { [process: string]: number } = {};
  for (const partition of queue.partitions) for (const poller of partition.pollers) counts[poller.process] = (counts[poller.process] ?? 0) + 1;
  svc.host.emit({
    type: 'taskQueue',
    name: queue.name,
    kind: queue.type,
    sticky: queue.normalName !== '',
    backlog: queue.partitions.map(backlogOf),
    pollers: Object.keys(counts).sort(compareText).map((process) => ({ process, count: counts[process] as number })),
  });
}

// ---------------------------------------------------------------- statistics

const BUCKET_MS = 5000;
const BUCKETS = 6;

function countRecent(svc: Service, queue: TaskQueueState, what: 'added' | 'dispatched'): void {
  advanceRecent(svc, queue);
  const counts = queue.recent[what];
  counts[counts.length - 1] = (counts[counts.length - 1] ?? 0) + 1;
}

function advanceRecent(svc: Service, queue: TaskQueueState): void {
  const recent = queue.recent;
  const bucket = Math.floor(now(svc) / BUCKET_MS);
  const passed = Math.min(BUCKETS, bucket - recent.bucket);
  for (let i = 0; i < passed; i++) {
    recent.added.push(0);
    recent.dispatched.push(0);
  }
  recent.added = recent.added.slice(-BUCKETS);
  recent.dispatched = recent.dispatched.slice(-BUCKETS);
  recent.bucket = bucket;
}

/** Tasks per second over the last half minute. */
export function recentRates(svc: Service, queue: TaskQueueState): { readonly added: number; readonly dispatched: number } {
  advanceRecent(svc, queue);
  const rate = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0) / ((BUCKETS * BUCKET_MS) / 1000);
  return { added: rate(queue.recent.added), dispatched: rate(queue.recent.dispatched) };
}
