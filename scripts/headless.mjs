// `npm run -s headless -- …`: the command line runner. Builds itself if stale; stdout carries the runner's JSON only.
import { pathToFileURL } from 'node:url';
import { makeIfStale } from './lib/fresh.mjs';
import { root } from './lib/paths.mjs';
import { prepare } from './prepare.mjs';

const bundle = 'build/headless/main.mjs';

await prepare();
await makeIfStale({
  name: 'headless',
  inputs: [
    'package-lock.json',
    'scripts/lib/bundle.mjs',
    ...['api', 'base', 'compile', 'engine', 'headless', 'host', 'protocol', 'trace'].map((area) => `src/${area}`),
  ],
  outputs: [bundle],
  async make() {
    const { bundleForNode } = await import('./lib/bundle.mjs');
    bundleForNode('src/headless/main.ts', bundle);
  },
});

// npm runs scripts in the project's folder and says here where the user stands.
process.env.INIT_CWD ??= process.cwd();
await import(pathToFileURL(`${root}/${bundle}`).href);
