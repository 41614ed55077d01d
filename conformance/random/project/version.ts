/** Deployments differ in this alone: see `v2/version.ts` beside the project. */
export const version = 1 as 1 | 2;
