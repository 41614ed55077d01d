/**
 * What `JSON.parse` says of a text that is none and `JSON.stringify` of a circle, in the words of Node 20. quickjs-ng's own are those of another
 * V8, or its own; a text or value is looked at again only where it failed.
 */
export function installJsonErrors(): void {
  const { parse, stringify } = JSON;
  const named = {
    parse(text: string, reviver?: (this: any, key: string, value: any) => any): any {
      try {
        return parse(text, reviver);
      } catch (error) {
        if (error instanceof SyntaxError) error.message = jsonError(String(text)) ?? error.message;
        throw error;
      }
    },
    stringify(value: unknown, replacer?: any, space?: string | number): string {
      try {
        return stringify(value, replacer, space);
      } catch (error) {
        if (error instanceof TypeError && error.message === CIRCULAR) error.message += circle(value);
        throw error;
      }
    },
  };
  for (const name of ['parse', 'stringify'] as const) Object.defineProperty(JSON, name, { value: named[name], writable: true, configurable: true, enumerable: false });
}

const CIRCULAR = 'Converting circular structure to JSON';

/** The first circle of a value as V8 draws it (`json/json-stringifier.cc`, `ConstructCircularStructureErrorMessage`); empty when none is found. */
function circle(root: unknown): string {
  const open: { readonly key: string; readonly value: object }[] = [];
  const seen = new Set<unknown>();
  const find = (value: unknown, key: string): { readonly key: string; readonly value: object } | null => {
    if (typeof value !== 'object' || value === null || typeof (value as { toJSON?: unknown }).toJSON === 'function') return null;
    if (open.some((o) => o.value === value)) return { key, value };
    if (seen.has(value)) return null;
    seen.add(value);
    open.push({ key, value });
    for (const [name, inner] of Object.entries(value)) {
      const found = find(inner, Array.isArray(value) ? `index ${name}` : `property '${name}'`);
      if (found) return found;
    }
    open.pop();
    return null;
  };
  const end = find(root, '');
  if (end === null) return '';
  const [first, ...rest] = open.slice(open.findIndex(({ value }) => value === end.value));
  const type = (value: object): string => `object with constructor '${String(Object.getPrototypeOf(value)?.constructor?.name ?? 'Object')}'`;
  const lines = rest.map(({ key, value }) => `|     ${key} -> ${type(value)}`);
  // Of a long circle the first two and the last.
  if (lines.length > 3) lines.splice(2, lines.length - 3, '|     ...');
  return [`\n    --> starting at ${type(first!.value)}`, ...lines.map((line) => `\n    ${line}`), `\n    --- ${end.key} closes the circle`].join('');
}

/** What is wrong, in V8's words, with `at` the place; `token` where V8 names the character instead. */
type Wrong = { readonly words: string; readonly at: number } | { readonly token: number };

class Failed extends Error {
  readonly wrong: Wrong;
  constructor(wrong: Wrong) {
    super();
    this.wrong = wrong;
  }
}

/** V8's words for a text that is no JSON (`json/json-parser.cc`, `JsonParser::ReportUnexpectedToken`); null when it is one. */
export function jsonError(text: string): string | null {
  try {
    scan(text);
    return null;
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    const { wrong } = error;
    if ('words' in wrong) return `${wrong.words} in JSON at position ${wrong.at}`.replace('after JSON in JSON', 'after JSON');
    return atToken(text, wrong.token);
  }
}

function atToken(text: string, at: number): string {
  if (at >= text.length) return text === '' || !SPECIAL.has(text) ? 'Unexpected end of JSON input' : `"${text}" is not valid JSON`;
  if (SPECIAL.has(text)) return `"${text}" is not valid JSON`;
  const c = text[at]!;
  if (c === '"') return `Unexpected string in JSON at position ${at}`;
  if (/[-\d]/.test(c)) return `Unexpected number in JSON at position ${at}`;
  if (text.length <= 2 * CONTEXT) return `Unexpected token '${c}', "${text}" is not valid JSON`;
  const [from, to] = [Math.max(0, at - CONTEXT), Math.min(text.length, at + CONTEXT)];
  return `Unexpected token '${c}', ${from > 0 ? '...' : ''}"${text.slice(from, to)}"${to < text.length ? '...' : ''} is not valid JSON`;
}

/** Values that became text by mistake. */
const SPECIAL = new Set(['undefined', 'NaN', 'Infinity', '[object Object]']);
/** Characters shown on either side. */
const CONTEXT = 10;

/** Reads a JSON text; throws what is wrong with it. No recursion: a text may be deep. */
function scan(text: string): void {
  let at = 0;
  const open: ('[' | '{')[] = [];
  const space = (): void => {
    while (at < text.length && ' \t\r\n'.includes(text[at]!)) at++;
  };
  const bad = (words: string): never => {
    throw new Failed({ words, at });
  };
  const unexpected = (): never => {
    throw new Failed({ token: at });
  };
  const string = (): void => {
    const from = at++;
    for (;;) {
      const c = text[at];
      if (c === undefined) throw new Failed({ words: 'Unterminated string', at });
      at++;
      if (c === '"') return;
      if (c < ' ') throw new Failed({ words: 'Bad control character in string literal', at: at - 1 });
      if (c !== '\\') continue;
      const escape = text[at++];
      if (escape === 'u') {
        for (let i = 0; i < 4; i++, at++) if (!/[\da-f]/i.test(text[at] ?? '')) throw new Failed({ words: at < text.length ? 'Bad Unicode escape' : 'Unterminated string', at });
      } else if (escape === undefined || !'"\\/bfnrt'.includes(escape)) throw new Failed(escape === undefined ? { words: 'Unterminated string', at: from } : { words: 'Bad escaped character', at: at - 1 });
    }
  };
  const number = (): void => {
    if (text[at] === '-') at++;
    if (text[at] === '0') {
      at++;
      if (/\d/.test(text[at] ?? '')) unexpected();
    } else if (!/\d/.test(text[at] ?? '')) throw new Failed({ words: 'No number after minus sign', at });
    while (/\d/.test(text[at] ?? '')) at++;
    if (text[at] === '.') {
      at++;
      if (!/\d/.test(text[at] ?? '')) throw new Failed({ words: 'Unterminated fractional number', at });
      while (/\d/.test(text[at] ?? '')) at++;
    }
    if (/[eE]/.test(text[at] ?? '')) {
      at++;
      if (/[-+]/.test(text[at] ?? '')) at++;
      if (!/\d/.test(text[at] ?? '')) throw new Failed({ words: 'Exponent part is missing a number', at });
      while (/\d/.test(text[at] ?? '')) at++;
    }
  };
  const name = (first: boolean): void => {
    space();
    if (text[at] !== '"') bad(first ? "Expected property name or '}'" : 'Expected double-quoted property name');
    string();
    space();
    if (text[at] !== ':') bad("Expected ':' after property name");
    at++;
  };
  for (;;) {
    space();
    const c = text[at];
    if (c === '[' || c === '{') {
      at++;
      space();
      if (text[at] !== (c === '[' ? ']' : '}')) {
        open.push(c);
        if (c === '{') name(true);
        continue;
      }
      at++;
    } else if (c === '"') string();
    else if (c !== undefined && /[-\d]/.test(c)) number();
    else {
      const word = ['true', 'false', 'null'].find((w) => w[0] === c);
      if (!word) unexpected();
      else {
        for (const letter of word) {
          if (text[at] !== letter) unexpected();
          at++;
        }
      }
    }
    // A value is read: what follows belongs to what is open.
    for (;;) {
      space();
      const inside = open.at(-1);
      if (inside === undefined) {
        if (at < text.length) throw new Failed({ words: 'Unexpected non-whitespace character after JSON', at });
        return;
      }
      if (text[at] === ',') {
        at++;
        if (inside === '{') name(false);
        break;
      }
      if (text[at] !== (inside === '[' ? ']' : '}')) bad(inside === '[' ? "Expected ',' or ']' after array element" : "Expected ',' or '}' after property value");
      at++;
      open.pop();
    }
  }
}
