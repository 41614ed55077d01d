import { describe, expect, it } from 'vitest';
import { serviceNames } from './service-names.ts';

describe('serviceNames', () => {
  it.each([
    ['export default { payments: {}, "fraud-check": {} };', ['payments', 'fraud-check']],
    ['const stock = {}; export default { stock } satisfies object;', ['stock']],
    ['const base = { a: {} }; const all = { ...base, b: {} }; export default all;', ['a', 'b']],
    ['const x = { a: {} }; export { x as default };', ['a']],
    ['module.exports = { a: {} };', ['a']],
    ['export default Object.freeze({ a: {} });', ['a']],
    ['export const a = 1;', null],
    ['export default make();', null],
  ])('%s', (source, names) => expect(serviceNames(source, 'services.ts')).toEqual(names));
});
