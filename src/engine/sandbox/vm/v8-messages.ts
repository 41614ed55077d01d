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

/** Who throws. */
export interface Thrower {
  /** The built-in function that throws; null when the project's own code does. */
  readonly native: string | null;
  /** Where the project's code called it. */
  readonly caller: ErrorPlace | null;
  /** The name of the topmost function. */
  readonly name: string | null;
}

type Rule = (place: ErrorPlace | null, by: Thrower, ...groups: string[]) => string | null;

/** By quickjs-ng's words. A rule that can't tell what V8 would say gives null. */
const RULES: readonly (readonly [pattern: RegExp, rule: Rule])[] = [
  [/^cannot (read property|set property) '([^]*)' of (undefined|null)$/, (place, _by, verb, key, value) => {
    if (key === 'Symbol.iterator') {
      const name = place && iterated(place);
      return `${name ?? value} is not iterable${name === null ? ' (cannot read property Symbol(Symbol.iterator))' : ''}`;
    }
    return verb === 'read property' ? `Cannot read properties of ${value} (reading '${key}')` : `Cannot set properties of ${value} (setting '${key}')`;
  }],
  [/^not a (function|constructor)$/, (place, by, what) => {
    if (by.native !== null) return (what === 'function' && CALLBACKS[by.native]) || null;
    const called = place && calledAt(place);
    return called ? `${called.text} is not a ${called.constructed ? 'constructor' : what}` : null;
  }],
  [/^value is not iterable$/, (place, { native }) => {
    // What a collection is made of, where it is a plain object.
    if (native !== null && /^(?:Weak)?(?:Map|Set)$/.test(native)) return 'object is not iterable (cannot read property Symbol(Symbol.iterator))';
    if (place && spreadLast(place)) return 'Spread syntax requires ...iterable[Symbol.iterator] to be a function';
    const name = place && iterated(place);
    return name ? `${name} is not iterable` : null;
  }],
  [/^(.+) is not initialized$/, (_place, _by, name) => (name === 'this' ? "Must call super constructor in derived class before accessing 'this' or returning from derived constructor" : `Cannot access '${name}' before initialization`)],
  [/^'(.+)' is read-only$/, (place, _by, name) =>
    place && reassigned(place, name!) ? 'Assignment to constant variable.' : `Cannot assign to read only property '${name}' of object '${/^(?:\d+|length)$/.test(name!) ? '[object Array]' : '#<Object>'}'`],
  [/^Cannot convert undefined or null to object$/, (place) => place && destructured(place)],
  [/^object is not extensible$/, (place, { native, caller }) => {
    if (native === 'defineProperty') {
      const key = caller && /\bdefineProperty\([^,]*,\s*(['"])([\w$]+)\1/.exec(lineOf(caller))?.[2];
      return key ? `Cannot define property ${key}, object is not extensible` : null;
    }
    const name = memberIn(place, /\.([\w$]+)\s*[-+*/|&?]*=[^=>]/);
    return name === null ? null : `Cannot add property ${name}, object is not extensible`;
  }],
  [/^could not delete property$/, (place) => {
    const name = memberIn(place, /\bdelete\s+[\w$.]*\.([\w$]+)/);
    return name === null ? null : `Cannot delete property '${name}' of #<Object>`;
  }],
  [/^invalid 'instanceof' right operand$/, () => "Right-hand side of 'instanceof' is not an object"],
  [/^circular reference$/, () => 'Converting circular structure to JSON'],
  [/^class constructors must be invoked with 'new'$/, (place, { name }) => {
    const called = place && calledAt(place)?.text.split('.').pop();
    // The place may be that of the constructor's own definition.
    const type = called === 'constructor' ? name : called;
    return type ? `Class constructor ${type} cannot be invoked without 'new'` : null;
  }],
  [/^invalid array length$/, () => 'Invalid array length'],
  [/^Date value is NaN$/, () => 'Invalid time value'],
  [/^BigInt are forbidden in JSON.stringify$/, () => 'Do not know how to serialize a BigInt'],
  [/^(?:cannot convert BigInt to number|cannot convert to bigint)$/, () => 'Cannot mix BigInt and other types, use explicit conversions'],
  [/^bigint argument with unary \+$/, () => 'Cannot convert a BigInt value to a number'],
  [/^BigInt division by zero$/, () => 'Division by zero'],
  [/^cannot convert symbol to (string|number)$/, (_place, _by, type) => `Cannot convert a Symbol value to a ${type}`],
  [/^empty array$/, () => 'Reduce of empty array with no initial value'],
  [/^parent class must be constructor$/, () => 'Class extends value undefined is not a constructor or null'],
  [/^expecting hex digit$/, () => 'URI malformed'],
  [/^no setter for property$/, (place) => {
    const name = memberIn(place, /\.([\w$]+)\s*(?:[-+*/|&?]*=[^=>]|\+\+|--)/);
    return name === null ? null : `Cannot set property ${name} of #<Object> which has only a getter`;
  }],
  [/^invalid 'in' operand$/, (place) => {
    const key = memberIn(place, /(?:^|[^\w$])['"]([^'"]+)['"]\s+in\s/);
    return key === null ? null : `Cannot use 'in' operator to search for '${key}' in undefined`;
  }],
  [/^invalid number of digits$/, (_place, { native }) =>
    native === 'toFixed' ? 'toFixed() digits argument must be between 0 and 100' : native === 'toPrecision' ? 'toPrecision() argument must be between 1 and 100' : native === 'toExponential' ? 'toExponential() argument must be between 0 and 100' : null],
  [/^regexp must have the 'g' flag$/, (_place, { native }) => `String.prototype.${native} called with a non-global RegExp argument`],
  [/^regexp not supported$/, (_place, { native }) => `First argument to String.prototype.${native} must not be a regular expression`],
  [/^invalid string length$/, () => 'Invalid string length'],
  [/^invalid value used as WeakMap key$/, () => 'Invalid value used as weak map key'],
  [/^invalid value used as WeakSet key$/, () => 'Invalid value used in weak set'],
  [/^toPrimitive$/, () => 'Cannot convert object to primitive value'],
  [/^circular prototype chain$/, () => 'Cyclic __proto__ value'],
  [/^cannot invoke a running generator$/, () => 'Generator is already running'],
  [/^not a Date object$/, () => 'this is not a Date object.'],
  [/^bad normalization form$/, () => 'The normalization form should be one of NFC, NFD, NFKC, NFKD.'],
];

/** What methods say of a callback that is none; it is `undefined` most of the time. */
const CALLBACKS: { readonly [method: string]: string } = {
  ...Object.fromEntries('every filter find findIndex findLast findLastIndex forEach map reduce reduceRight some'.split(' ').map((method) => [method, 'undefined is not a function'])),
  sort: 'The comparison function must be either a function or undefined', toSorted: 'The comparison function must be either a function or undefined', flatMap: 'flatMap mapper function is not callable',
};

/** V8's words for a message of quickjs-ng; null when it is nobody's or already the same. */
export function v8Message(message: string, place: ErrorPlace | null, by: Thrower): string | null {
  for (const [pattern, rule] of RULES) {
    const match = pattern.exec(message);
    if (match) return rule(place, by, ...match.slice(1));
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

/** Code without the tracer's mark before it. */
const unmarked = (code: string): string => code.replace(/^__t\([\d, ]+\);\s*/, '');

/** What is spread, looped over or taken apart as a list at a place; null when it can't be read. */
function iterated({ text, at }: ErrorPlace): string | null {
  const line = text.slice(Math.max(0, text.lastIndexOf('\n', at) + 1), at);
  const after = unmarked(text.slice(at, at + 300)).split('\n')[0]!;
  const found = /^(?:\.\.\.|\(?\s*\.\.\.)\s*([\w$.]+)/.exec(after) ?? /^(?:(?:const|let|var)\s+)?\[[^\]]*\]\s*=\s*([\w$.]+)\s*[;,)]/.exec(after) ?? (/(?:\bof\s+|\.\.\.)$/.test(line) ? /^([\w$.]+)/.exec(after) : null) ?? /\bof\s+([\w$.]+)\)/.exec(after);
  return found?.[1] ?? null;
}

/** What was taken apart at a place where an object was wanted, if that is what happened there. */
function destructured({ text, at }: ErrorPlace): string | null {
  // The place is the pattern's, the statement's or, for a parameter, the function's.
  const code = unmarked(text.slice(at, at + 300)).replace(/^\(+(?=\()/, '');
  const nested = /^(?:(?:const|let|var)\s+)?\{\s*[\w$]+:\s*\{\s*([\w$]+)/.exec(code)?.[1];
  if (nested) return `Cannot read properties of undefined (reading '${nested}')`;
  const parameter = /^(?:function\*?\s*[\w$]*\s*)?\([^{}()]*\{\s*([\w$]+)[^{}]*\}/.exec(code)?.[1];
  const found = parameter ? null : /^(?:(?:const|let|var)\s+)?\{\s*([\w$]+)[^{}]*\}\s*=\s*(yield\b|[\w$.]+(\()?)/.exec(code);
  const source = found?.[2]?.startsWith('yield') ? '(intermediate value)' : found?.[3] ? `${found[2]}...)` : found?.[2];
  const property = parameter ?? found?.[1] ?? /^\{\s*([\w$]+)[^{}]*\}/.exec(code)?.[1];
  return property ? `Cannot destructure property '${property}' of '${source ?? 'undefined'}' as it is undefined.` : null;
}

/** Whether a variable of this name, not a member, is assigned to in the line of a place. */
function reassigned(place: ErrorPlace, name: string): boolean {
  const variable = name.replaceAll('$', '\\$');
  return new RegExp(`(?:^|[^.\\w$])(?:${variable}\\s*(?:[-+*/%|&^?<>]*=(?![=>])|\\+\\+|--)|(?:\\+\\+|--)${variable}\\b)`).test(lineOf(place).replace(/\b(?:const|let|var)\s+[\w$]+/g, ''));
}

/** Whether what is spread at a place is the last argument of a call. */
function spreadLast({ text, at }: ErrorPlace): boolean {
  const code = text.slice(at, at + 300).split('\n', 1)[0]!;
  return /^[\w$.]*\((?:[^()]*,\s*)?\.\.\.[\w$.]+\)/.test(code) || (/^(?:\.\.\.)?[\w$.]+\)/.test(code) && /[\w$]\([^()]*\.{0,3}$/.test(text.slice(Math.max(0, at - 100), at)) && /(?:^|[^.])\.\.\.$/.test(text.slice(0, code.startsWith('...') ? at + 3 : at).slice(-4)));
}

/** The member that the code at a place does something with, by the pattern of that; else what its line does. */
const memberIn = (place: ErrorPlace | null, pattern: RegExp): string | null => (place && (pattern.exec(place.text.slice(place.at).split('\n', 1)[0]!) ?? pattern.exec(lineOf(place)))?.[1]) ?? null;

function lineOf({ text, at }: ErrorPlace): string {
  const end = text.indexOf('\n', at);
  return text.slice(text.lastIndexOf('\n', at) + 1, end < 0 ? text.length : end);
}
