import { describe, expect, it } from 'vitest';
import { messages } from './messages.ts';

/** All texts by their path. */
function flat(catalogue: object, prefix = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(catalogue) as [string, string | object][]) {
    if (typeof value === 'string') found.set(prefix + key, value);
    else for (const [path, text] of flat(value, `${prefix}${key}.`)) found.set(path, text);
  }
  return found;
}

/** Names of the arguments and tags of an ICU message, those inside of plural and select forms included. */
function placeholders(text: string): readonly string[] {
  const names = new Set<string>();
  for (const [tag] of text.matchAll(/<\w+>/g)) names.add(tag);
  const message = (from: number): number => {
    let at = from;
    while (at < text.length && text[at] !== '}') at = text[at] === '{' ? argument(at + 1) : at + 1;
    return at;
  };
  /** From behind a brace that opens an argument to behind the one that closes it. */
  const argument = (from: number): number => {
    const [name = ''] = /^\s*\w+\s*/.exec(text.slice(from)) ?? [];
    names.add(name.trim());
    let at = from + name.length;
    while (at < text.length && text[at] !== '}') at = text[at] === '{' ? message(at + 1) + 1 : at + 1;
    return at + 1;
  };
  message(0);
  return [...names].sort();
}

const en = flat(messages.en);
const others = Object.entries(messages).filter(([locale]) => locale !== 'en');

describe.each(others)('%s', (_locale, catalogue) => {
  const texts = flat(catalogue);

  it('has the keys of English, in no other number', () => {
    expect([...texts.keys()].sort()).toEqual([...en.keys()].sort());
  });

  it('has the placeholders of English', () => {
    const differ = [...en].filter(([key, text]) => placeholders(text).join() !== placeholders(texts.get(key) ?? '').join()).map(([key, text]) => `${key}: ${placeholders(text).join()} / ${placeholders(texts.get(key) ?? '').join()}`);
    expect(differ).toEqual([]);
  });

  it('leaves no text empty', () => {
    expect([...texts].filter(([, text]) => text.trim() === '')).toEqual([]);
  });
});

describe('placeholders', () => {
  it.each([
    ['{process} asks: {rpc}', ['process', 'rpc']],
    ['{n, plural, =0 {no poll} one {# poll} other {# polls}}', ['n']],
    ['step <b>{step}</b> of {head}', ['<b>', 'head', 'step']],
    ['{n, plural, =0 {nobody asks {who}} other {# ask}}', ['n', 'who']],
    ['no text', []],
  ])('%s', (text, names) => {
    expect(placeholders(text)).toEqual(names);
  });
});
