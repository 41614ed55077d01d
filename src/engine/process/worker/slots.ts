import { timestamp, type Timestamp } from '../../../base/brand.ts';
import type { SlotSupplierConfig } from './messages.ts';

/**
 * The slots of one kind. A poll needs a permit before it starts; a task that comes of it keeps the permit until it is reported.
 * Plain data with functions beside it.
 */
export interface Slots {
  readonly supplier: SlotSupplierConfig;
  /** Held by running tasks. */
  used: number;
  /** Held by polls on their way and by reservations for eager activities. */
  reserved: number;
  lastIssuedAt: Timestamp;
}

export const createSlots = (supplier: SlotSupplierConfig): Slots => ({ supplier, used: 0, reserved: 0, lastIssuedAt: timestamp(-1e15) });

/** What a worker has in hand. */
export interface WorkInHand {
  readonly activities: number;
  readonly workflowTasks: number;
  readonly cachedWorkflows: number;
}

/** Load of a process, parts of 1. */
export interface ResourceUsage {
  readonly cpu: number;
  readonly memory: number;
}

/**
 * The modelled load of a process with these workers. No worker of a simulation loads a real machine, so the resource-based tuner gets a
 * model instead of measurements: 5 % of the CPU an activity, 1 % a Workflow Task; 2 % of the memory an activity, 0.1 % a cached
 * workflow, on top of 20 % that the process takes.
 */
export function modelResourceUsage(workers: readonly WorkInHand[]): ResourceUsage {
  let cpu = 0;
  let memory = 200;
  for (const { activities, workflowTasks, cachedWorkflows } of workers) {
    cpu += 5 * activities + workflowTasks;
    memory += 20 * activities + cachedWorkflows;
  }
  return { cpu: Math.min(1, cpu / 100), memory: Math.min(1, memory / 1000) };
}

/** Total slots as shown to people. */
export const totalSlots = (slots: Slots): number => (slots.supplier.type === 'fixed-size' ? slots.supplier.numSlots : slots.supplier.maximumSlots);

/** When a permit can be had: now, at a later time (ramp throttle), or only after a change ('wait'). */
export function permitAt(slots: Slots, now: Timestamp, usage: ResourceUsage): Timestamp | 'wait' {
  const issued = slots.used + slots.reserved;
  const { supplier } = slots;
  if (supplier.type === 'fixed-size') return issued < supplier.numSlots ? now : 'wait';
  if (issued < supplier.minimumSlots) return now;
  if (issued >= supplier.maximumSlots || usage.cpu >= supplier.targetCpuUsage || usage.memory >= supplier.targetMemoryUsage) return 'wait';
  return timestamp(Math.max(now, slots.lastIssuedAt + supplier.rampThrottle));
}

/** How many permits can be had at once, up to `limit`: each one counts for the next. */
export function permitsAtOnce(slots: Slots, limit: number, now: Timestamp, usage: ResourceUsage): number {
  const asked = { ...slots };
  let granted = 0;
  while (granted < limit && permitAt(asked, now, usage) === now) {
    reserve(asked, now);
    granted++;
  }
  return granted;
}

/** Takes a permit for a poll. The caller has checked with {@link permitAt}. */
export function reserve(slots: Slots, now: Timestamp): void {
  slots.reserved++;
  slots.lastIssuedAt = now;
}

/** A task came: the permit is in use from now on. */
export function use(slots: Slots): void {
  slots.reserved--;
  slots.used++;
}
