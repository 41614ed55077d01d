import { expect, test } from 'vitest';
import { fromCloneJson, toCloneJson } from './clone-json.ts';

const copy = (value: unknown): unknown => fromCloneJson(JSON.parse(JSON.stringify(toCloneJson(value))));

test('values cross as structuredClone copies them', () => {
  class Own {
    a = 1;
    get b() {
      return 2;
    }
  }
  const values = [
    undefined, null, 'text', true, 1, NaN, -0, Infinity, 10n, new Date(5), new Date(NaN), new Map<unknown, unknown>([[1, new Date(5)], [{ k: 1 }, undefined]]), new Set([1, 'a']), /a+/gi,
    new Uint8Array([1, 2]), new Float64Array([0.5]), new Uint8Array([1, 2]).buffer, { u: undefined, n: { m: [1, undefined] } }, new Own(), { $: 'Date', v: 1 }, [],
  ];
  for (const value of values) expect(copy(value)).toStrictEqual(structuredClone(value));
});

test('circles and what is shared', () => {
  const circle: any = { x: [new Map()] };
  circle.x.push(circle, circle.x[0]);
  const made = copy(circle) as any;
  expect(made.x[1]).toBe(made);
  expect(made.x[2]).toBe(made.x[0]);
  // oxlint-disable-next-line no-sparse-arrays
  expect(1 in (copy([1, , 3]) as unknown[])).toBe(false);
});

test('errors keep message, stack and cause, and the class if it is the language\'s own', () => {
  class OwnError extends RangeError {}
  const made = copy(Object.assign(new Error('outer', { cause: new TypeError('inner') }), { more: 1 })) as Error;
  expect([made.constructor, made.message, Object.keys(made), (made.cause as Error).constructor]).toEqual([Error, 'outer', [], TypeError]);
  const own = copy(Object.assign(new OwnError('own'), { name: 'OwnError' })) as Error;
  expect([own.constructor, own.name, own.stack?.includes('clone-json.test')]).toEqual([Error, 'Error', true]);
});

test.each([[() => 1, '() => 1'], [Symbol('q'), 'Symbol(q)'], [Promise.resolve(), '[object Promise]']])('what has no copy is refused', (value, text) => {
  expect(() => toCloneJson([value])).toThrow(expect.objectContaining({ name: 'DataCloneError', message: `${text} could not be cloned.` }));
});
