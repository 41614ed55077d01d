import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleScenario } from '../host/bundle.ts';
import { projectRoot } from './engine.ts';
import { readProjectFiles } from './project-files.ts';

/**
 * Compiles every scenario's project to `build/scenarios/<slug>.json`, which the Web Worker loads: no compiler is needed until the first
 * edit. The projects of the benchmarks come along as `bench-<name>`, for the page that measures a machine.
 */
const root = projectRoot();
const out = join(root, 'build', 'scenarios');
mkdirSync(out, { recursive: true });
const projects = [
  ...readdirSync(join(root, 'src', 'scenarios')).map((slug) => ({ slug, folder: join(root, 'src', 'scenarios', slug, 'project') })),
  ...readdirSync(join(root, 'bench', 'projects')).map((name) => ({ slug: `bench-${name}`, folder: join(root, 'bench', 'projects', name) })),
];
for (const { slug, folder } of projects) {
  if (!existsSync(folder)) continue;
  const bundle = bundleScenario(readProjectFiles(folder));
  writeFileSync(join(out, `${slug}.json`), JSON.stringify(bundle));
}
