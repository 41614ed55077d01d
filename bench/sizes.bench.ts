import type { Measure } from './context.ts';
import { measureSizes } from '../scripts/lib/budgets.mjs';

/** What the published page weighs, in KB gz. */
export const measure: Measure = (context) => {
  context.buildApp();
  return Promise.resolve(measureSizes());
};
