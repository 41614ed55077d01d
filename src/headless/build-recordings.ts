import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessId } from '../base/brand.ts';
import { machines } from '../engine/service/history/machine.ts';
import type { FaultRule, TraceEntry } from '../trace/entries.ts';
import { projectRoot } from './engine.ts';
import { readProjectFiles } from './project-files.ts';
import { runProject } from './run.ts';

/**
 * Makes what the screen shows of the engine without running it, into `build/recordings/`:
 * `landing.json`, the run that the landing page plays, every entry as the engine made it, and `machines.json`, the Service's transition
 * tables. Nobody writes these by hand, so the pictures made of them are true.
 */
const SLUG = 'crash-and-replay';
const WORKER = 'worker-1' as ProcessId;
/** The worker dies while the order waits for its minute, and comes back when that is long over. */
const faults: readonly FaultRule[] = [
  { when: { event: 'TimerStarted' }, do: { kill: WORKER } },
  { when: { at: '63s' }, do: { start: WORKER } },
];

const root = projectRoot();
const out = join(root, 'build', 'recordings');
mkdirSync(out, { recursive: true });

const folder = join(root, 'src', 'scenarios', SLUG, 'project');
const steps: (readonly TraceEntry[])[] = [];
await runProject({ dir: folder, faults, onStep: (entries) => steps.push(entries) });
writeFileSync(join(out, 'landing.json'), JSON.stringify({ sources: readProjectFiles(folder), steps }));
writeFileSync(join(out, 'machines.json'), JSON.stringify(Object.fromEntries(machines.map(({ name, table }) => [name, table]))));
