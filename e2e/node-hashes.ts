import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeSandbox, projectRoot } from '../src/headless/engine.ts';
import { Session, type ScenarioBundle } from '../src/host/session.ts';

/** The bench of the Web Worker, run by Node on the same compiled scenarios: `node node-hashes.mjs <seeds> <slug>…` prints hashes by slug. */
const [seeds, ...slugs] = process.argv.slice(2);
const session = new Session({
  sandbox: await nodeSandbox(),
  loadScenario: (slug) => Promise.resolve(JSON.parse(readFileSync(join(projectRoot(), 'build', 'scenarios', `${slug}.json`), 'utf8')) as ScenarioBundle),
  compile: () => Promise.reject(new Error('nothing to compile')),
  notify: () => {},
  pause: () => Promise.resolve(),
  clock: () => performance.now(),
});
const hashes: { [slug: string]: string[] } = {};
for (const slug of slugs) hashes[slug] = (await session.bench({ slug, firstSeed: 1, seeds: Number(seeds) })).runs.map((run) => run.traceHash);
process.stdout.write(JSON.stringify(hashes));
