import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessId } from '../base/brand.ts';
import { compareText } from '../base/compare.ts';
import { machines } from '../engine/service/history/machine.ts';
import type { FaultRule, TraceEntry } from '../trace/entries.ts';
import { projectRoot } from './engine.ts';
import { readProjectFiles } from './project-files.ts';
import { runProject } from './run.ts';

/**
 * Makes what the screen shows of the engine without running it, into `build/recordings/`:
 * `landing.json`, the run that the landing page plays, every entry as the engine made it; `histories.json`, the types of the events that
 * each scenario writes; and `machines.json`, the Service's transition tables. Nobody writes these by hand, so the pictures made of them
 * are true.
 */
const LANDING = 'crash-and-replay';
const WORKER = 'worker-1' as ProcessId;
/** The worker dies while the order waits for its minute, and comes back when that is long over. */
const faults: readonly FaultRule[] = [
  { when: { event: 'TimerStarted' }, do: { kill: WORKER } },
  { when: { at: '63s' }, do: { start: WORKER } },
];

const root = projectRoot();
const out = join(root, 'build', 'recordings');
mkdirSync(out, { recursive: true });
const write = (name: string, content: unknown): void => writeFileSync(join(out, `${name}.json`), JSON.stringify(content));

const histories: { [slug: string]: readonly string[] } = {};
for (const slug of readdirSync(join(root, 'src', 'scenarios')).sort(compareText)) {
  const folder = join(root, 'src', 'scenarios', slug, 'project');
  if (!existsSync(folder)) continue;
  const steps: (readonly TraceEntry[])[] = [];
  await runProject({ dir: folder, faults: slug === LANDING ? faults : [], onStep: (entries) => steps.push(entries) });
  histories[slug] = steps.flat().flatMap((entry) => (entry.type === 'history' ? [entry.event.eventType ?? ''] : []));
  if (slug === LANDING) write('landing', { sources: readProjectFiles(folder), steps });
}
write('histories', histories);
write('machines', Object.fromEntries(machines.map(({ name, table }) => [name, table])));
