import { readFileSync, existsSync } from 'node:fs';
import { expect, test } from 'vitest';
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
