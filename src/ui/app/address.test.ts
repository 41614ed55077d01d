import { describe, expect, it } from 'vitest';
import { readAddress, writeAddress, type Address } from './address.ts';

const address: Address = {
  seed: 7,
  variant: 'two-workers',
  step: 41,
  beat: undefined,
  run: {
    files: { 'workflows.ts': '// für „alle“ ☂\n'.repeat(50) },
    inputs: [
      { step: 30, input: { type: 'injectFault', fault: { kill: 'worker-1' } } },
      { step: 35, input: { type: 'deploy', process: 'worker-1', dir: 'version 2' }, files: { 'activities.ts': 'export {}' } },
    ],
  },
};

describe('address', () => {
  it('says all that makes a run, and reads it again', () => {
    const text = writeAddress(address);
    expect(readAddress(text)).toEqual({ address, problems: [] });
    expect(text.length).toBeLessThan(600);
    expect(text).toMatch(/^[\w=&.~*-]+$/); // nothing that a mail program or wouter would change
  });

  it('says nothing where there is nothing to say', () => {
    expect(writeAddress({ run: { files: {}, inputs: [] } })).toBe('');
    expect(readAddress('').problems).toEqual([]);
  });

  it('names what cannot be read and keeps the rest', () => {
    const { address: read, problems } = readAddress('seed=abc&step=-3&variant=x&run=%25%25');
    expect(read.variant).toBe('x');
    expect(read.seed ?? read.step ?? read.run).toBeUndefined();
    expect(problems.map((problem) => problem.name)).toEqual(['run', 'seed', 'step']);
  });

  it('reads a link that a mail program has mangled as far as it can, and names what it has made of the rest', () => {
    const text = writeAddress(address);
    expect(readAddress(`${text}.`)).toEqual({ address, problems: [] });
    expect(readAddress(text.replaceAll('&', '&amp;')).problems.map((problem) => problem.name)).toEqual(['amp;variant', 'amp;step', 'amp;run']);
  });

  it('does not take a packed text for a run that is none, nor one that would fill the memory', () => {
    const packed = (run: unknown): string => writeAddress({ run: run as NonNullable<Address['run']> });
    expect(readAddress(packed({ files: { a: 'x'.repeat(2_000_000) }, inputs: [] })).problems).toHaveLength(1);
    expect(readAddress(packed({ files: { a: 1 }, inputs: [] })).problems).toHaveLength(1);
    expect(readAddress(packed({ files: {}, inputs: [{ step: 'x', input: {} }] })).problems).toHaveLength(1);
  });
});
