import { fileURLToPath } from 'node:url';

/** The project's folder. True of our bundles too: build/<name>/<file>.mjs lies as deep as this file. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');

/** Where everything goes that can be made again: VM bundles, the headless runner, reports. Git-ignored. */
export const buildDirectory = `${root}/build`;

/** The web app as it is published. Git-ignored. */
export const distDirectory = `${root}/dist`;
