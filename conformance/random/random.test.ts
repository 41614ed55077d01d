import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stopGenuine } from '../genuine.ts';
import { print, sweep, tooFew, type Sweep } from './sweep.ts';

afterAll(stopGenuine);

/** `npm run fuzz` runs 10,000 others. */
const RUNS = 300;

describe(`${RUNS} random programs under random trouble`, () => {
  let result: Sweep;
  beforeAll(async () => {
    result = await sweep(Array.from({ length: RUNS }, (_, i) => i + 1));
    print(result);
  }, 900_000);

  it('end as they should, are reproducible, and the genuine worker replays their histories', () => {
    expect(result.failures.join('\n')).toBe('');
  });

  it('have everything in them', () => {
    expect(tooFew(result)).toEqual([]);
  });
});
