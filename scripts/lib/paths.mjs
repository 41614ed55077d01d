import { fileURLToPath } from 'node:url';

/** The project's folder, with a trailing slash removed. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');

/** Where everything goes that can be made again: VM bundles, the headless runner, reports. Git-ignored. */
export const buildDirectory = `${root}/build`;

/** The web app as it is published. Git-ignored. */
export const distDirectory = `${root}/dist`;
