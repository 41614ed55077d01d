import type { EngineClient } from '../client/engine-client.ts';
import type { BranchInfo, Notice } from '../protocol/messages.ts';
import { after, calmTrace, crashTrace, CRASH_FORK } from './fixture-trace.ts';

/** An engine that knows one run and one crash, for work on the viewer: whatever is asked for, worker-1 is killed while its timer runs. */
export function createFixtureEngine(): EngineClient {
  const listeners = new Set<(notice: Notice) => void>();
  let run = 0;
  const calm = calmTrace();
  const crash = crashTrace();
  const last = (entries: readonly { type: string; step?: unknown }[]): number => entries.filter((entry) => entry.type === 'step').length;
  const info = (id: number, headStep: number): BranchInfo => ({ id, parent: id === 0 ? null : 0, forkStep: id === 0 ? 0 : CRASH_FORK, label: id === 0 ? '' : 'kill worker-1', headStep, ended: 'idle', traceHash: '' });
  const notify = (notice: Omit<Notice, 'run'>): void => {
    for (const listener of listeners) listener({ ...notice, run });
  };
  return {
    load() {
      run += 1;
      setTimeout(() => notify({ branchId: 0, fromStep: 0, entries: calm, branches: [info(0, last(calm))] }));
      return Promise.resolve({ ok: true });
    },
    input() {
      const branches = [info(0, last(calm)), info(1, last(crash))];
      notify({ branchId: 1, fromStep: CRASH_FORK, entries: after(crash, CRASH_FORK), branches });
      return Promise.resolve({ ok: true, branchId: 1, step: CRASH_FORK + 1, dir: null });
    },
    runTo: () => Promise.resolve({ headStep: 0 }),
    importHistory: () => Promise.resolve({ ok: false, message: 'no engine here' }),
    bench: () => Promise.resolve({ runs: [] }),
    onTrace(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onBroken: () => () => {},
    close: () => listeners.clear(),
  };
}
