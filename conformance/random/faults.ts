import type { Fault, FaultRule, FaultTrigger } from '../../src/trace/entries.ts';
import { createRandom, idsOf, type Random } from './project/program.ts';

/** What goes wrong in a run, and in what surroundings. */
export interface Trouble {
  readonly faults: readonly FaultRule[];
  readonly workersOfEach: number;
  readonly env: { readonly [name: string]: string };
}

const rpcs = [
  'PollWorkflowTaskQueue', 'RespondWorkflowTaskCompleted', 'PollActivityTaskQueue', 'RespondActivityTaskCompleted', 'RespondActivityTaskFailed', 'RespondActivityTaskCanceled',
  'RecordActivityTaskHeartbeat', 'StartWorkflowExecution', 'SignalWorkflowExecution', 'SignalWithStartWorkflowExecution', 'UpdateWorkflowExecution', 'QueryWorkflow',
  'RespondQueryTaskCompleted', 'GetWorkflowExecutionHistory', 'RequestCancelWorkflowExecution',
] as const;
/** Those that a run has many of are drawn more often. */
const frequent = rpcs.slice(0, 4);
const events = [
  'WorkflowExecutionStarted', 'WorkflowTaskScheduled', 'WorkflowTaskStarted', 'WorkflowTaskCompleted', 'WorkflowTaskTimedOut', 'ActivityTaskScheduled', 'ActivityTaskCompleted', 'ActivityTaskCancelRequested',
  'TimerStarted', 'TimerFired', 'MarkerRecorded', 'WorkflowExecutionSignaled', 'WorkflowExecutionUpdateAccepted', 'StartChildWorkflowExecutionInitiated', 'ChildWorkflowExecutionStarted',
  'WorkflowExecutionContinuedAsNew', 'WorkflowExecutionCancelRequested',
] as const;
/** Not echo: see there in `program.ts`. */
const activityTypes = ['slow', 'flaky', 'charge', 'hang'] as const;

/** When the workers that a run lost are started again at the latest; nothing is left undone for want of a worker. */
const rescues = ['45s', '400s', '3000s'];

/** The trouble of a seed, drawn apart from its plan: a fault more changes no program. */
export function makeTrouble(seed: number): Trouble {
  const random = createRandom(seed + 0x10000000);
  const workersOfEach = random.chance(35) ? 2 : 1;
  const workers = Array.from({ length: workersOfEach }, (_, i) => `worker-${i + 1}`);
  const faults: FaultRule[] = [];
  const count = random.chance(10) ? 0 : 2 + random.below(5);
  for (let i = 0; i < count; i++) faults.push(...makeRules(random, seed, workers));
  if (random.chance(12)) {
    const at = `${random.below(15000)}ms`;
    for (const start of workers) faults.push({ when: { at }, do: { start, dir: 'v2' } });
  }
  // A worker that starts during an outage of the Service can't connect, and ends.
  const lost = faults.some(({ do: fault }) => 'kill' in fault || 'shutdown' in fault || 'start' in fault);
  if (lost) for (const at of rescues) for (const start of workers) faults.push({ when: { at }, do: { start } });
  return { faults, workersOfEach, env: random.chance(25) ? { CACHED_WORKFLOWS: String(1 + random.below(2)) } : {} };
}

/** One piece of trouble: a rule, or two where something ends and comes back. */
function makeRules(random: Random, seed: number, workers: readonly string[]): FaultRule[] {
  const worker = random.pick(workers);
  const roll = random.below(100);
  if (roll < 22) {
    const ms = random.below(12000);
    if (random.chance(40)) return [{ when: { at: `${ms}ms` }, do: { kill: worker } }, { when: { at: `${ms + random.pick([1, 200, 1000, 12000])}ms` }, do: { start: worker } }];
    return [{ when: trigger(random, seed), do: { kill: worker } }];
  }
  if (roll < 27) return [{ when: trigger(random, seed), do: { start: worker } }];
  if (roll < 33) return [{ when: trigger(random, seed), do: { shutdown: worker } }];
  if (roll < 40) return [{ when: trigger(random, seed), do: { evict: worker } }];
  if (roll < 62) {
    const rpc = random.chance(60) ? random.pick(frequent) : random.pick(rpcs);
    const edge = random.pick(['request', 'response'] as const);
    return [{ when: { rpc, edge, nth: 1 + random.below(6) }, do: random.chance(50) ? { drop: true } : { delay: random.pick(['50ms', '1s', '9s', '25s']) } }];
  }
  if (roll < 84) return [{ when: trigger(random, seed), do: simple(random, seed) }];
  if (roll < 88) {
    const ms = random.below(8000);
    return [{ when: { at: `${ms}ms` }, do: { kill: 'service-bank' } }, { when: { at: `${ms + 1500}ms` }, do: { start: 'service-bank' } }];
  }
  if (roll < 91) return [{ when: trigger(random, seed), do: { kill: 'client-1' } }];
  return [{ when: trigger(random, seed), do: { outage: { service: random.chance(50) ? 'bank' : 'temporal', for: random.pick(['20ms', '1s', '15s']) } } }];
}

function simple(random: Random, seed: number): Fault {
  const { main, target } = idsOf(seed);
  const workflowId = random.chance(75) ? main : target;
  const roll = random.below(100);
  if (roll < 45) {
    return { fail: { activityType: random.pick(activityTypes), attempts: 1 + random.below(4), message: 'failed by the script', ...(random.chance(30) ? { type: 'Scripted', nonRetryable: true } : {}) } };
  }
  if (roll < 70) return { signal: { workflowId, name: 'poke', args: [random.below(10)] } };
  if (roll < 85) return { cancel: { workflowId } };
  return { terminate: { workflowId } };
}

function trigger(random: Random, seed: number): FaultTrigger {
  const roll = random.below(100);
  if (roll < 20) return { at: `${random.below(12000)}ms` };
  if (roll < 45) return { step: 10 + random.below(150) };
  if (roll < 75) return { event: random.pick(events), nth: 1 + random.below(4), ...(random.chance(30) ? { workflowId: idsOf(seed).main } : {}) };
  return { rpc: random.pick(random.chance(60) ? frequent : rpcs), nth: 1 + random.below(6), edge: random.pick(['request', 'response']) };
}

/** The kind of a fault as it is counted: what it does, and for those of RPCs at which edge. */
export function kindOfFault(fault: Fault, detail: string | undefined): string {
  if ('drop' in fault || 'delay' in fault) return `${Object.keys(fault)[0]} ${detail?.split(' ').at(-1)}`;
  if ('kill' in fault) return `kill ${fault.kill.split('-')[0]}`;
  if ('start' in fault) return fault.dir === undefined ? `start ${fault.start.split('-')[0]}` : 'deploy';
  if ('outage' in fault) return `outage of ${fault.outage.service}`;
  return Object.keys(fault)[0]!;
}
