import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { en } from '../../i18n/en.ts';

test('there are words for everything that a process waits for', () => {
  const folder = new URL('../../engine/process/', import.meta.url);
  const files = readdirSync(folder, { recursive: true }).map(String).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
  const names = files.flatMap((file) => Array.from(readFileSync(new URL(file, folder), 'utf8').matchAll(/schedule\([^;\n]*?\{ type: '(\w+)'/g), ([, name]) => name as string));
  expect(names).toContain('unblock');
  expect(names.filter((name) => !(name in en.step.processTimers))).toEqual([]);
});
