import { readFileSync, existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { machines } from '../src/engine/service/history/machine.ts';
import { compareEntries, normalizeEntries } from './rpc/normalize.ts';
import { scripts } from './rpc/index.ts';
import { ourServer } from './rpc/ours.ts';
import { World, type Entry } from './rpc/world.ts';

/** Every script of RPCs gets from our Service what it got from a real server (`conformance/rpc/answers`, see `record/record-rpc.mjs`). */
for (const name in scripts) {
  test(name, async () => {
    const file = new URL(`rpc/answers/${name}.json`, import.meta.url);
    expect(existsSync(file), 'recorded from a real server').toBe(true);
    const world = new World(ourServer(), name);
    await scripts[name]?.(world);
    const recorded = JSON.parse(readFileSync(file, 'utf8')) as Entry[];
    const found = compareEntries(recorded, normalizeEntries(world.entries));
    expect(found.map((d) => `${d.call}${d.path}: expected ${d.expected}, got ${d.actual}`).join('\n')).toBe('');
  });
}

/** Runs last: the scripts together go through every row of the Service's state tables. */
test('no row of a state table is left untaken', () => {
  const untaken = machines.flatMap(({ name, table, taken }) =>
    Object.entries(table).flatMap(([state, events]) => Object.keys(events).filter((event) => !taken[`${state} ${event}`]).map((event) => `${name}: ${event} in ${state}`)));
  expect(untaken).toEqual([]);
});
