/**
 * A random program for the interpreter in `workflows.ts`, and what the client does to it meanwhile: all from one number, so that
 * a seed is the whole test. Plain data only, as programs are workflow arguments.
 */
export type Op =
  | { readonly op: 'activity'; readonly call: ActivityCall; readonly options: ActivityChoice }
  | { readonly op: 'local'; readonly call: ActivityCall; readonly retryBeyondTask: boolean }
  | { readonly op: 'timer'; readonly ms: number }
  | { readonly op: 'chance' }
  | { readonly op: 'child'; readonly id: string; readonly program: Program; readonly wait: boolean; readonly parentClosePolicy: 'TERMINATE' | 'ABANDON' | 'REQUEST_CANCEL' }
  | { readonly op: 'signalOther'; readonly id: string }
  | { readonly op: 'cancelOther'; readonly id: string }
  | { readonly op: 'awaitSignals'; readonly count: number; readonly ms: number }
  | { readonly op: 'patch'; readonly id: string; readonly deprecated: boolean; readonly body: readonly Op[] }
  | { readonly op: 'scope'; readonly cancelAfter: number | null; readonly shielded: boolean; readonly body: readonly Op[] }
  | { readonly op: 'all' | 'race'; readonly branches: readonly (readonly Op[])[] }
  | { readonly op: 'upsert'; readonly value: number }
  | { readonly op: 'memo'; readonly value: number };

export interface ActivityCall {
  readonly name: 'echo' | 'slow' | 'flaky' | 'charge' | 'refuse' | 'hang';
  readonly n: number;
}

export interface ActivityChoice {
  readonly cancellationType: 'TRY_CANCEL' | 'WAIT_CANCELLATION_COMPLETED' | 'ABANDON';
  readonly ownId: boolean;
  readonly tight: boolean;
}

export interface Program {
  readonly ops: readonly Op[];
  /** How the run ends after its operations. */
  readonly end: 'complete' | 'fail' | 'continue';
  /** The program of the next run, when it continues as new. */
  readonly next: Program | null;
  /** Ends without waiting for its update handlers. */
  readonly leavesHandlers: boolean;
}

/** What the client does, `after` milliseconds after the step before. */
export type ClientStep = { readonly after: number } & (
  | { readonly do: 'signal'; readonly n: number }
  | { readonly do: 'update'; readonly ops: readonly Op[]; readonly reject: boolean; readonly wait: boolean }
  | { readonly do: 'query' }
  | { readonly do: 'cancel' }
  | { readonly do: 'terminate' }
  | { readonly do: 'signalWithStart' }
);

export interface Plan {
  readonly program: Program;
  /** What the run does that signals and cancellations from inside reach. */
  readonly target: Program;
  readonly steps: readonly ClientStep[];
  readonly retries: boolean;
}

/** A small generator of chance of its own (mulberry32): this file runs in the client, too. */
export interface Random {
  /** From 0 to `n` − 1. */
  below(n: number): number;
  /** True in `percent` of 100 cases. */
  chance(percent: number): boolean;
  pick<T>(values: readonly T[]): T;
}

export function createRandom(seed: number): Random {
  let state = (Math.imul(seed, 2654435761) ^ 0x5bd1e995) >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (n: number) => Math.floor(next() * n);
  return { below, chance: (percent) => next() * 100 < percent, pick: (values) => values[below(values.length)]! };
}

/** The plan of a seed. `seed` also makes the workflow ids, see {@link idsOf}. */
export function makePlan(seed: number): Plan {
  const random = createRandom(seed);
  const make = new Maker(random, seed);
  const program = make.program(0, 9 + random.below(6));
  return { program, target: make.target(), steps: make.clientSteps(), retries: random.chance(20) };
}

export const idsOf = (seed: number) => ({ main: `main-${seed}`, target: `target-${seed}` });

class Maker {
  private readonly random: Random;
  private readonly seed: number;
  private children = 0;
  private patches = 0;

  constructor(random: Random, seed: number) {
    this.random = random;
    this.seed = seed;
  }

  program(depth: number, size: number): Program {
    const { random } = this;
    const ops = Array.from({ length: size }, () => this.op(depth));
    const end = depth < 2 && random.chance(35) ? 'continue' : random.chance(25) ? 'fail' : 'complete';
    return { ops, end, next: end === 'continue' ? this.program(depth + 1, 6 + random.below(5)) : null, leavesHandlers: random.chance(20) };
  }

  /** It waits for what comes from outside, at most a minute. */
  target(): Program {
    const { random } = this;
    const ops: Op[] = [{ op: 'awaitSignals', count: 3, ms: 60000 }, ...Array.from({ length: 5 + random.below(3) }, () => this.op(2)), { op: 'chance' }];
    return { ops, end: 'complete', next: null, leavesHandlers: false };
  }

  private some(depth: number, most: number): Op[] {
    return Array.from({ length: 1 + this.random.below(most) }, () => this.op(depth + 1));
  }

  op(depth: number): Op {
    const { random } = this;
    const roll = random.below(100);
    // Deep operations are simple ones, so that programs stay small.
    const simple = depth >= 3;
    if (roll < 30) return this.activity();
    if (roll < 38) return { op: 'local', call: { name: random.pick(['echo', 'flaky', 'echo', 'refuse'] as const), n: 1 + random.below(3) }, retryBeyondTask: random.chance(30) };
    if (roll < 48 || simple) return { op: 'timer', ms: random.pick([1, 50, 500, 3000, 30000]) };
    if (roll < 52) return { op: 'chance' };
    if (roll < 59) {
      return {
        op: 'child', id: `child-${this.seed}-${++this.children}`, program: this.program(2, 6 + random.below(3)), wait: random.chance(80),
        parentClosePolicy: random.pick(['TERMINATE', 'ABANDON', 'REQUEST_CANCEL']),
      };
    }
    if (roll < 63) return { op: 'signalOther', id: random.chance(85) ? `target-${this.seed}` : 'nobody' };
    if (roll < 66) return { op: 'cancelOther', id: random.chance(70) ? `target-${this.seed}` : 'nobody' };
    if (roll < 71) return { op: 'awaitSignals', count: 1 + random.below(3), ms: random.pick([100, 2000, 20000]) };
    if (roll < 76) return { op: 'patch', id: `patch-${random.chance(50) ? 1 : ++this.patches}`, deprecated: random.chance(25), body: this.some(depth + 1, 2) };
    if (roll < 85) return { op: 'scope', cancelAfter: random.chance(75) ? random.pick([0, 20, 700, 5000]) : null, shielded: random.chance(20), body: this.some(depth, 3) };
    if (roll < 90) return { op: 'all', branches: [this.some(depth, 2), this.some(depth, 2), this.some(depth, 2)] };
    if (roll < 94) return { op: 'race', branches: [this.some(depth, 1), this.some(depth, 2)] };
    if (roll < 97) return { op: 'upsert', value: random.below(100) };
    return { op: 'memo', value: random.below(100) };
  }

  private activity(): Op {
    const { random } = this;
    const name = random.pick(['echo', 'echo', 'slow', 'slow', 'flaky', 'charge', 'charge', 'refuse', 'hang'] as const);
    // The genuine Core fails a Workflow Task when an abandoned activity ends in another way than by completing: only echo always does.
    const cancellationType = name === 'echo' ? random.pick(['ABANDON', 'TRY_CANCEL'] as const) : random.pick(['TRY_CANCEL', 'WAIT_CANCELLATION_COMPLETED'] as const);
    return { op: 'activity', call: { name, n: 1 + random.below(4) }, options: { cancellationType, ownId: random.chance(15), tight: cancellationType !== 'ABANDON' && random.chance(10) } };
  }

  clientSteps(): ClientStep[] {
    const { random } = this;
    const steps: ClientStep[] = Array.from({ length: 2 + random.below(6) }, () => {
      const after = random.pick([0, 5, 40, 300, 2500, 9000]);
      const roll = random.below(100);
      if (roll < 45) return { after, do: 'signal', n: random.below(10) };
      if (roll < 75) return { after, do: 'update', ops: this.some(2, 3), reject: random.chance(20), wait: random.chance(60) };
      if (roll < 90) return { after, do: 'query' };
      return { after, do: 'signalWithStart' };
    });
    if (random.chance(22)) steps.push({ after: random.pick([0, 200, 4000]), do: 'cancel' });
    else if (random.chance(5)) steps.push({ after: random.pick([0, 200, 4000]), do: 'terminate' });
    return steps;
  }
}
