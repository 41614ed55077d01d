import {
  allHandlersFinished, ApplicationFailure, CancellationScope, condition, continueAsNew, defineQuery, defineSignal, defineUpdate, deprecatePatch, executeChild,
  getExternalWorkflowHandle, isCancellation, patched, proxyActivities, proxyLocalActivities, setHandler, sleep, startChild, upsertMemo, upsertSearchAttributes, uuid4, workflowInfo,
} from '@temporalio/workflow';
import { defineSearchAttributeKey } from '@temporalio/common';
import type * as activities from './activities';
import type { ActivityCall, ActivityChoice, Op, Program } from './program';
import { version } from './version';

export const poke = defineSignal<[number]>('poke');
export const state = defineQuery<string[]>('state');
export const apply = defineUpdate<number, [readonly Op[], boolean]>('apply');

/** What the run has done, in the order it happened: its result, so that two runs can be compared. */
type Log = string[];

interface Run {
  readonly log: Log;
  signals: number;
  /** Settles when the local activity before has ended. */
  local: Promise<unknown>;
}

/** Runs a program: one bundle serves every random test. */
export async function program({ ops, end, next, leavesHandlers }: Program): Promise<string[]> {
  const run: Run = { log: [], signals: 0, local: Promise.resolve() };
  setHandler(poke, (n) => {
    run.signals++;
    run.log.push(`signal ${n}`);
  });
  setHandler(state, () => run.log);
  setHandler(
    apply,
    async (more) => {
      for (const op of more) await perform(run, op);
      run.log.push('update');
      return run.log.length;
    },
    {
      validator(_more, reject) {
        if (reject) throw new Error('rejected by the plan');
      },
    },
  );
  try {
    for (const op of ops) await perform(run, op);
  } catch (error) {
    if (!isCancellation(error)) throw error;
    await CancellationScope.nonCancellable(() => perform(run, { op: 'activity', call: { name: 'echo', n: 0 }, options: { cancellationType: 'TRY_CANCEL', ownId: false, tight: false } }));
    throw error;
  }
  if (!leavesHandlers) await condition(allHandlersFinished);
  if (end === 'fail') throw ApplicationFailure.create({ message: 'failed by the plan', type: 'Planned' });
  if (end === 'continue' && next) await continueAsNew<typeof program>(next);
  return run.log;
}

/** Runs an operation; what fails is noted and survived, a cancellation of the run itself is not. */
async function perform(run: Run, op: Op): Promise<void> {
  try {
    run.log.push(`${op.op} ${JSON.stringify(await execute(run, op)) ?? ''}`);
  } catch (error) {
    if (isCancellation(error) && CancellationScope.current().consideredCancelled) throw error;
    run.log.push(`${op.op} failed: ${messages(error)}`);
  }
}

function messages(error: unknown): string {
  const texts: string[] = [];
  for (let e = error; e instanceof Error; e = e.cause) texts.push(`${e.name}: ${e.message}`);
  return texts.join(' <- ');
}

async function execute(run: Run, op: Op): Promise<unknown> {
  switch (op.op) {
    case 'activity':
      return await callActivity(op.call, op.options);
    case 'local': {
      // One at a time: two that end in different activations resolve in one on replay, and the genuine Core finds another order of
      // commands. Never cancelled: a cancellation in the task that resolves it makes it say "Invalid transition in state machine".
      const result = run.local.then(() => CancellationScope.nonCancellable(() => callLocalActivity(op.call, op.retryBeyondTask)));
      run.local = result.catch(() => {});
      return await result;
    }
    case 'timer':
      if (version === 2 && patched('version 2')) await sleep(10);
      return await sleep(op.ms);
    case 'chance': {
      // Chance decides what replay checks: ids, and which command comes.
      const { echo } = proxyActivities<typeof activities>({ startToCloseTimeout: '10s', activityId: uuid4() });
      return Math.random() < 0.5 ? await echo(1) : await sleep(Math.floor(Math.random() * 100) + 1);
    }
    case 'child': {
      const options = { workflowId: `${op.id}-${workflowInfo().attempt}`, args: [op.program] as [Program], parentClosePolicy: op.parentClosePolicy };
      if (op.wait) return await executeChild(program, options);
      await startChild(program, options);
      return 'started';
    }
    case 'signalOther':
      return await getExternalWorkflowHandle(op.id).signal(poke, 50);
    case 'cancelOther':
      return await getExternalWorkflowHandle(op.id).cancel();
    case 'awaitSignals':
      return await condition(() => run.signals >= op.count, op.ms);
    case 'patch': {
      if (op.deprecated) deprecatePatch(op.id);
      else if (!patched(op.id)) return 'unpatched';
      for (const inner of op.body) await perform(run, inner);
      return 'patched';
    }
    case 'scope':
      return await inScope(run, op.cancelAfter, op.shielded, op.body);
    case 'all':
      return (await Promise.all(op.branches.map((branch) => performAll(run, branch)))).length;
    case 'race':
      return await CancellationScope.cancellable(async () => {
        const scope = CancellationScope.current();
        const branches = op.branches.map((branch, i) => performAll(run, branch).then(() => i));
        const first = await Promise.race(branches);
        // The losers are cancelled; that they end so is no news.
        for (const branch of branches) branch.catch(() => {});
        scope.cancel();
        return first;
      });
    case 'upsert':
      return upsertSearchAttributes([{ key: defineSearchAttributeKey('CustomInt', 'INT'), value: op.value }]);
    case 'memo':
      return upsertMemo({ note: op.value });
  }
}

async function performAll(run: Run, ops: readonly Op[]): Promise<void> {
  for (const op of ops) await perform(run, op);
}

async function inScope(run: Run, cancelAfter: number | null, shielded: boolean, body: readonly Op[]): Promise<string> {
  const scope = new CancellationScope();
  if (cancelAfter !== null) {
    if (cancelAfter === 0) await Promise.resolve().then(() => undefined);
    else void sleep(cancelAfter).then(() => scope.cancel(), () => {});
  }
  try {
    await scope.run(async () => {
      const all = shielded ? CancellationScope.nonCancellable(() => performAll(run, body)) : performAll(run, body);
      if (cancelAfter === 0) scope.cancel();
      await all;
    });
    return 'ended';
  } catch (error) {
    if (!isCancellation(error) || CancellationScope.current().consideredCancelled) throw error;
    return 'cancelled';
  }
}

function callActivity({ name, n }: ActivityCall, { cancellationType, ownId, tight }: ActivityChoice): Promise<unknown> {
  const all = proxyActivities<typeof activities>({
    startToCloseTimeout: tight ? '300ms' : '3s',
    ...(name === 'slow' ? { heartbeatTimeout: '1s' } : {}),
    ...(tight ? { scheduleToCloseTimeout: '6s' } : {}),
    cancellationType,
    retry: { initialInterval: '200ms', maximumInterval: '2s', ...(cancellationType === 'ABANDON' ? {} : { maximumAttempts: 4 }) },
    ...(ownId ? { activityId: `own-${name}-${uuid4()}` } : {}),
  });
  return all[name](n);
}

function callLocalActivity({ name, n }: ActivityCall, retryBeyondTask: boolean): Promise<unknown> {
  const all = proxyLocalActivities<typeof activities>({
    startToCloseTimeout: '2s',
    retry: { initialInterval: '300ms', maximumAttempts: 3 },
    ...(retryBeyondTask ? { localRetryThreshold: '100ms' } : {}),
  });
  return all[name](n);
}
