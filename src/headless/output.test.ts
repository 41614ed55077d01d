import { expect, test } from 'vitest';
import { textToBase64 } from '../base/base64.ts';
import { decodePayload, stableJson } from './output.ts';

test('keys stand in code-unit order at every level, whole numbers too', () => {
  const value = { b: 1, 9: [{ z: 1, 10: 2, 9: 3, '': 4 }], 10: null, '!': undefined, A: 'x', ['__proto__']: 5 };
  expect(stableJson(value)).toBe('{"10":null,"9":[{"":4,"10":2,"9":3,"z":1}],"A":"x","__proto__":5,"b":1}');
});

test('a payload that says it is JSON and is none stays as it is', () => {
  const metadata = { encoding: textToBase64('json/plain') };
  expect([decodePayload({ metadata, data: textToBase64('[1]') }), decodePayload({ metadata, data: '' }), decodePayload({ metadata, data: textToBase64('{') })]).toEqual([[1], '', textToBase64('{')]);
});
