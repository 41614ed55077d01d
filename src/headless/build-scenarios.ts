import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileProject } from '../compile/index.ts';
import { serviceNames } from '../compile/service-names.ts';
import type { ScenarioBundle } from '../host/session.ts';
import { projectRoot } from './engine.ts';
import { readProjectFiles } from './project-files.ts';

/** Compiles every scenario's project to `build/scenarios/<slug>.json`, which the Web Worker loads: no compiler is needed until the first edit. */
const root = projectRoot();
const out = join(root, 'build', 'scenarios');
mkdirSync(out, { recursive: true });
for (const slug of readdirSync(join(root, 'src', 'scenarios'))) {
  const folder = join(root, 'src', 'scenarios', slug, 'project');
  if (!existsSync(folder)) continue;
  const files = readProjectFiles(folder);
  const bundle: ScenarioBundle = {
    files,
    project: compileProject({ files }),
    serviceNames: Object.fromEntries(Object.entries(files).flatMap(([path, source]) => (/^services[^/]*\.ts$/.test(path) ? [[path, serviceNames(source, path) ?? []]] : []))),
  };
  writeFileSync(join(out, `${slug}.json`), JSON.stringify(bundle));
}
