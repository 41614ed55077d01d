import { expect, it } from 'vitest';
import { jsonError } from './json-errors.ts';

const TEXTS = [
  '', ' ', '{', '[', '[1,', '[1', '[1 2]', '{"a"', '{"a":', '{"a":1', '{"a":1,', '{"a":1,}', '{"a" 1}', '{a:1}', "{'a':1}", '{"a":1}}', '1 2', 'nul', 'nuls', 'tru', 'true1', '"abc', '"a\nb"', '"\\x"', '"\\u12"', '"\\u12g4"', '01', '-', '-a',
  '1.', '1.a', '1e', '1e+', '.5', '+1', '<html>', 'not json', 'Service Unavailable, try again', '[1, 2, <b>, 4, 5, 6, 7, 8]', '{"name": undefined}', 'undefined', 'NaN', 'Infinity', '[object Object]', '[undefined]', ',', ']', '}', '[1]x', '{"a":1"b":2}', '["a""b"]', '\u00e4', '[1,]', '[,1]',
];

it.each(TEXTS)('says of %j what the V8 that runs this test says', (text) => {
  let expected: string | null = null;
  try {
    JSON.parse(text);
  } catch (error) {
    // Later versions say line and column, too.
    expected = (error as Error).message.replace(/ \(line \d+ column \d+\)$/, '');
  }
  expect(jsonError(text)).toBe(expected);
});
