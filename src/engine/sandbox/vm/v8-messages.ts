/**
 * What Node says of a mistake in the code. quickjs-ng has words of its own for the errors that the language throws; histories, logs and
 * tests know V8's ("Cannot read properties of undefined (reading 'foo')"), so those are put in where an error is made. What V8 names
 * and quickjs-ng does not, such as the called expression, is read from the code at that place.
 */

/** The evaluated text before and after the place of the error; null where it is not known. */
export interface ErrorPlace {
  readonly text: string;
  /** Index into `text`. */
  readonly at: number;
}

type Rule = (place: ErrorPlace | null, ...groups: string[]) => string | null;

/** By quickjs-ng's words. A rule that can't tell what V8 would say gives null. */
const RULES: readonly (readonly [pattern: RegExp, rule: Rule])[] = [
  [/^cannot (read property|set property) '([^]*)' of (undefined|null)$/, (place, verb, key, value) => {
    if (key === 'Symbol.iterator') {
      const name = place && iterated(place);
      return `${name ?? value} is not iterable${name === null ? ' (cannot read property Symbol(Symbol.iterator))' : ''}`;
    }
    return verb === 'read property' ? `Cannot read properties of ${value} (reading '${key}')` : `Cannot set properties of ${value} (setting '${key}')`;
  }],
  [/^not a (function|constructor)$/, (place, what) => {
    const called = place && calledAt(place);
    return called ? `${called.text} is not a ${called.constructed ? 'constructor' : what}` : null;
  }],
  [/^value is not iterable$/, (place) => {
    const name = place && iterated(place);
    return name ? `${name} is not iterable` : null;
  }],
  [/^(.+) is not initialized$/, (_, name) => (name === 'this' ? "Must call super constructor in derived class before accessing 'this' or returning from derived constructor" : `Cannot access '${name}' before initialization`)],
  [/^'(.+)' is read-only$/, (place, name) => (place && assigned(place, name!) ? `Cannot assign to read only property '${name}' of object '#<Object>'` : 'Assignment to constant variable.')],
  [/^Cannot convert undefined or null to object$/, (place) => place && destructured(place)],
  [/^object is not extensible$/, (place) => {
    const name = memberIn(place, /\.([\w$]+)\s*[-+*/|&?]*=[^=>]/);
    return name === null ? null : `Cannot add property ${name}, object is not extensible`;
  }],
  [/^could not delete property$/, (place) => {
    const name = memberIn(place, /\bdelete\s+[\w$.]*\.([\w$]+)/);
    return name === null ? null : `Cannot delete property '${name}' of #<Object>`;
  }],
  [/^invalid 'instanceof' right operand$/, () => "Right-hand side of 'instanceof' is not callable"],
  [/^circular reference$/, () => 'Converting circular structure to JSON'],
  [/^class constructors must be invoked with 'new'$/, (place) => {
    const called = place && calledAt(place);
    return called ? `Class constructor ${called.text.split('.').pop()} cannot be invoked without 'new'` : null;
  }],
  [/^invalid array length$/, () => 'Invalid array length'],
  [/^Date value is NaN$/, () => 'Invalid time value'],
  [/^BigInt are forbidden in JSON.stringify$/, () => 'Do not know how to serialize a BigInt'],
  [/^(?:cannot convert BigInt to number|cannot convert to bigint)$/, () => 'Cannot mix BigInt and other types, use explicit conversions'],
  [/^bigint argument with unary \+$/, () => 'Cannot convert a BigInt value to a number'],
  [/^BigInt division by zero$/, () => 'Division by zero'],
  [/^cannot convert symbol to (string|number)$/, (_, type) => `Cannot convert a Symbol value to a ${type}`],
  [/^empty array$/, () => 'Reduce of empty array with no initial value'],
  [/^parent class must be constructor$/, () => 'Class extends value undefined is not a constructor or null'],
  [/^expecting hex digit$/, () => 'URI malformed'],
];

/** V8's words for a message of quickjs-ng; null when it is nobody's or already the same. */
export function v8Message(message: string, place: ErrorPlace | null): string | null {
  for (const [pattern, rule] of RULES) {
    const match = pattern.exec(message);
    if (match) return rule(place, ...match.slice(1));
  }
  return null;
}

const WORD = /[\w$\u0080-\uffff]/;

/** The expression called at a place, as V8 prints it; null when it can't be read. */
function calledAt({ text, at }: ErrorPlace): { readonly text: string; readonly constructed: boolean } | null {
  if (/^new\b/.test(text.slice(at, at + 4))) {
    const rest = /^new\s+([\w$.]+)/.exec(text.slice(at, at + 200));
    return { text: rest?.[1] ?? '(intermediate value)', constructed: true };
  }
  const constructed = /\bnew\s+$/.test(text.slice(Math.max(0, at - 20), at));
  // A member's name has the place of its call; everything else that of the whole expression.
  const end = constructed ? at + (/^[\w$.]+/.exec(text.slice(at, at + 200))?.[0].length ?? 0) : memberCallEnd(text, at) ?? calleeEnd(text, at);
  const start = constructed ? at : chainStart(text, end);
  if (start >= end) return null;
  const imported = /\(\s*0\s*,\s*$/.test(text.slice(Math.max(0, start - 20), start)) && text[end] === ')';
  const chain = printed(text.slice(start, end));
  return { text: imported ? `(0 , ${chain})` : chain, constructed };
}

/** Where the name of a called member ends; null when the place is none's. */
function memberCallEnd(text: string, at: number): number | null {
  const end = wordEnd(text, at);
  return text[at - 1] === '.' && text[end] === '(' ? end : null;
}

function wordEnd(text: string, from: number): number {
  let end = from;
  while (WORD.test(text[end] ?? '')) end++;
  return end;
}

/** From the start of an expression to where its first call begins that is not the call of a member by its name. */
function calleeEnd(text: string, from: number): number {
  let end = wordEnd(text, from);
  let member = false;
  while (end > from) {
    const c = text[end];
    if (c === '(') {
      if (!member) return end;
      end = closing(text, end) + 1;
      member = false;
    } else if (c === '[') {
      end = closing(text, end) + 1;
      member = false;
    } else if (c === '.') {
      end = wordEnd(text, end + 1);
      member = true;
    } else return from;
  }
  return from;
}

/** Where the chain of members, indices and calls begins that ends at a place. */
function chainStart(text: string, end: number): number {
  let i = end;
  for (;;) {
    const c = text[i - 1];
    if (c === undefined) return i;
    if (c === ')' || c === ']') {
      i = opening(text, i - 1);
      // What stands before a bracket belongs to it, unless the bracket opens an expression.
      if (i > 0 && (WORD.test(text[i - 1]!) || text[i - 1] === ')' || text[i - 1] === ']')) {
        if (/\b(?:return|await|typeof|new|of|in|throw|case|yield|void)\s*$/.test(text.slice(0, i))) return i;
        continue;
      }
      if (text.slice(i - 2, i) === '?.') {
        i -= 2;
        continue;
      }
      if (text[i - 1] !== '.') return i;
    } else if (WORD.test(c)) {
      while (i > 0 && WORD.test(text[i - 1]!)) i--;
    } else if (c === "'" || c === '"' || c === '`') {
      const from = text.lastIndexOf(c, i - 2);
      return from < 0 ? i : from;
    } else return i;
    if (text.slice(i - 2, i) === '?.') i -= 2;
    else if (text[i - 1] === '.') i--;
    else return i;
  }
}

const PAIRS: { readonly [close: string]: string } = { ')': '(', ']': '[', '}': '{' };

function opening(text: string, close: number): number {
  const wanted: string[] = [];
  for (let i = close; i >= 0; i--) {
    const c = text[i]!;
    if (c in PAIRS) wanted.push(PAIRS[c]!);
    else if (c === wanted.at(-1)) {
      wanted.pop();
      if (wanted.length === 0) return i;
    }
  }
  return close;
}

function closing(text: string, open: number): number {
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    if ('([{'.includes(text[i]!)) depth++;
    else if (')]}'.includes(text[i]!) && --depth === 0) return i;
  }
  return open;
}

/** A chain in the words of V8's printer: `o['x']` is `o.x`, arguments are dots, what has no name is an intermediate value. */
function printed(chain: string): string {
  let text = '';
  for (let i = 0; i < chain.length; ) {
    const c = chain[i]!;
    if (c === '(') {
      const end = closing(chain, i);
      const inner = chain.slice(i + 1, end);
      if (i > 0) text += '(...)';
      else text += /^[\w$.]+$/.test(inner) ? inner : /^0\s*,\s*[\w$.]+$/.test(inner) ? `(0 , ${inner.replace(/^0\s*,\s*/, '')})` : '(intermediate value)';
      i = end + 1;
    } else if (c === '[') {
      const end = closing(chain, i);
      const inner = chain.slice(i + 1, end);
      const key = /^(['"])([\w$]+)\1$/.exec(inner)?.[2];
      text += i === 0 ? chain.slice(0, end + 1) : key !== undefined ? `.${key}` : `[${inner}]`;
      i = end + 1;
    } else if (c === "'" || c === '"' || c === '`') {
      const end = chain.indexOf(c, i + 1);
      text += c === '`' ? '(intermediate value)' : `"${chain.slice(i + 1, end)}"`;
      i = end + 1;
    } else {
      text += c;
      i++;
    }
  }
  return text;
}

/** What is spread, looped over or taken apart as a list at a place; null when it can't be read. */
function iterated({ text, at }: ErrorPlace): string | null {
  const line = text.slice(Math.max(0, text.lastIndexOf('\n', at) + 1), at);
  const after = text.slice(at, at + 300).split('\n')[0]!;
  const found = /^(?:\.\.\.|\(?\s*\.\.\.)\s*([\w$.]+)/.exec(after) ?? /^\[[^\]]*\]\s*=\s*([\w$.]+)\s*[;,)]/.exec(after) ?? (/(?:\bof\s+|\.\.\.)$/.test(line) ? /^([\w$.]+)/.exec(after) : null) ?? /\bof\s+([\w$.]+)\)/.exec(after);
  return found?.[1] ?? null;
}

/** What was taken apart at a place where an object was wanted, if that is what happened there. */
function destructured({ text, at }: ErrorPlace): string | null {
  // The place is the pattern's, the statement's or, for a parameter, the function's.
  const code = text.slice(at, at + 300).replace(/^__t\([\d, ]+\);\s*/, '');
  const parameter = /^(?:function\*?\s*[\w$]*\s*)?\([^{}()]*\{\s*([\w$]+)[^{}]*\}/.exec(code)?.[1];
  const found = parameter ? null : /^(?:(?:const|let|var)\s+)?\{\s*([\w$]+)[^{}]*\}\s*=\s*(yield\b|[\w$.]+(\()?)/.exec(code);
  const source = found?.[2]?.startsWith('yield') ? '(intermediate value)' : found?.[3] ? `${found[2]}...)` : found?.[2];
  const property = parameter ?? found?.[1] ?? /^\{\s*([\w$]+)[^{}]*\}/.exec(code)?.[1];
  return property ? `Cannot destructure property '${property}' of '${source ?? 'undefined'}' as it is undefined.` : null;
}

/** Whether a member of this name is assigned to in the line of a place. */
const assigned = (place: ErrorPlace, name: string): boolean => lineOf(place).includes(`.${name} `) || lineOf(place).includes(`['${name}']`);

/** The member that the line of a place does something with, by the pattern of that. */
const memberIn = (place: ErrorPlace | null, pattern: RegExp): string | null => (place && pattern.exec(lineOf(place))?.[1]) ?? null;

function lineOf({ text, at }: ErrorPlace): string {
  const end = text.indexOf('\n', at);
  return text.slice(text.lastIndexOf('\n', at) + 1, end < 0 ? text.length : end);
}
