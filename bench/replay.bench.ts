import { join } from 'node:path';
import { medianOf, type Measure } from './context.ts';
import { sequentialHistory } from './history.ts';
import { genuineReplay, ourReplay, type Replay } from './replays.ts';
import { compileBench } from './simulation.ts';

/** Replay of 12,005 events, ours and the genuine worker's: pre-bundled and warm, JSON parsing and VM creation included. */
export const measure: Measure = async ({ root }) => {
  const text = JSON.stringify(sequentialHistory(2000));
  /** Processor time of all threads beside wall time: it says more on a busy machine. */
  const measured = async (replay: Replay): Promise<{ ms: number; cpuMs: number }> => {
    for (let i = 0; i < 8; i++) await replay(text); // warm: both have compiled what they run
    const before = process.cpuUsage();
    const ms = await medianOf(5, () => replay(text));
    const { user, system } = process.cpuUsage(before);
    return { ms, cpuMs: Math.round((user + system) / 5_000) };
  };
  const ours = await measured(await ourReplay(compileBench(root, 'sequential')));
  const genuine = await measured(await genuineReplay(join(root, 'bench/projects/sequential')));
  return { events: 12_005, ours, genuine, timesFaster: Math.round((genuine.ms / ours.ms) * 10) / 10, oursEventsPerSecond: Math.round(12_005_000 / ours.ms) };
};
