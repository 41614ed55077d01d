import { buildSync } from 'esbuild';
import { root } from './paths.mjs';

/**
 * Bundles one of our programs for Node. npm packages stay outside, so that it loads the ones that are installed.
 * @param {string} entry TypeScript file, relative to the project
 * @param {string} outfile relative to the project, ends with .mjs
 */
export function bundleForNode(entry, outfile) {
  buildSync({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: true,
    logLevel: 'warning', // on stderr
  });
}
