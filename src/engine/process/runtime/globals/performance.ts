import { kernel } from '../kernel.ts';

/** `performance` on the virtual clock: milliseconds since the process started. */
let origin = 0;
kernel.onBoot((boot) => {
  origin = boot.now;
});

export const performance = {
  now: (): number => kernel.now() - origin,
  get timeOrigin(): number {
    return origin;
  },
  mark: () => {},
  measure: () => {},
  clearMarks: () => {},
  clearMeasures: () => {},
  toJSON: () => ({ timeOrigin: origin }),
};
