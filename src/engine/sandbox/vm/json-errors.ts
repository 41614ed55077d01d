/**
 * What `JSON.parse` says of a text that is none, in the words of Node 20. quickjs-ng's own are those of another V8, or its own; a text is
 * looked at again only where parsing failed.
 */
export function installJsonErrors(): void {
  const { parse } = JSON;
  const named = {
    parse(text: string, reviver?: (this: any, key: string, value: any) => any): any {
      try {
        return parse(text, reviver);
      } catch (error) {
        if (error instanceof SyntaxError) error.message = jsonError(String(text)) ?? error.message;
        throw error;
      }
    },
  };
  Object.defineProperty(JSON, 'parse', { value: named.parse, writable: true, configurable: true, enumerable: false });
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
