import { afterAll, expect, it } from 'vitest';
import { stopGenuine } from '../genuine.ts';
import { explain, print, sweep, tooFew } from './sweep.ts';

afterAll(stopGenuine);

/** `npm run fuzz -- --seed N` runs one seed; `--runs N --from N` others than the usual. */
const only = process.env['REPLAYGROUND_SEED'];
const runs = Number(process.env['REPLAYGROUND_RUNS'] ?? 10_000);
const from = Number(process.env['REPLAYGROUND_FROM'] ?? 1001);

it.runIf(only !== undefined)(`seed ${only} ends as it should`, async () => {
  expect((await explain(Number(only))).join('\n')).toBe('');
});

it.runIf(only === undefined)(`${runs} random programs under random trouble, from seed ${from}`, async () => {
  // Hours: who waits wants to see that it goes on, and what is lost if it does not.
  const result = await sweep(Array.from({ length: runs }, (_, i) => from + i), (done, failed) => {
    if (done % 500 === 0 && done > 0) process.stderr.write(`${done} of ${runs} runs; failed: ${failed.join(', ') || 'none'}\n`);
  });
  print(result);
  expect(result.failures.join('\n')).toBe('');
  if (runs >= 300) expect(tooFew(result)).toEqual([]);
}, 24 * 3_600_000);
