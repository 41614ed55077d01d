import { compileProject } from '../compile/index.ts';
import { serviceNames } from '../compile/service-names.ts';
import type { ScenarioBundle } from './session.ts';

/** Compiles a scenario's sources, as shipped or with a learner's changes. Brings the compiler along: import it when it is needed. */
export const bundleScenario = (files: { readonly [path: string]: string }): ScenarioBundle => ({
  files,
  project: compileProject({ files }),
  serviceNames: Object.fromEntries(Object.entries(files).flatMap(([path, source]) => (/^services[^/]*\.ts$/.test(path) ? [[path, serviceNames(source, path)]] : []))),
});
