/** `util.inspect` in Node's form and with its options, without what only V8 knows: the state of promises, proxies' targets, iterators' entries. */

interface Options {
  depth?: number | null;
  breakLength?: number;
  compact?: boolean | number;
  showHidden?: boolean;
  colors?: boolean;
  customInspect?: boolean;
  showProxy?: boolean;
  maxArrayLength?: number | null;
  maxStringLength?: number | null;
  sorted?: boolean | ((a: string, b: string) => number);
  getters?: boolean | 'get' | 'set';
  numericSeparator?: boolean;
  [other: string]: unknown;
}

const STYLES = { special: 'cyan', number: 'yellow', bigint: 'yellow', boolean: 'yellow', undefined: 'grey', null: 'bold', string: 'green', symbol: 'green', date: 'magenta', regexp: 'red', name: '' };
type Style = keyof typeof STYLES;

/** What one call of `inspect` carries along. */
interface Context {
  breakLength: number;
  compact: boolean | number;
  showHidden: boolean;
  colors: boolean;
  customInspect: boolean;
  sorted: boolean | ((a: string, b: string) => number);
  getters: boolean | 'get' | 'set';
  numericSeparator: boolean;
  depth: number;
  maxArrayLength: number;
  maxStringLength: number;
  /** Objects being shown, outermost first. */
  seen: object[];
  /** Objects that refer to themselves, with their numbers. */
  circular: Map<object, number>;
  indentation: number;
  /** Level of the object that was shown last. */
  currentDepth: number;
  stylize(text: string, style: Style): string;
}

const customInspect = Symbol.for('nodejs.util.inspect.custom');
const hasOwn = (object: object, key: PropertyKey): boolean => Object.prototype.hasOwnProperty.call(object, key);
const orInfinity = (n: number | null | undefined, usual: number): number => (n === null ? Infinity : (n ?? usual));

export function inspect(value: unknown, options?: Options | boolean, depth?: number | null, colors?: boolean): string {
  const given: Options = typeof options === 'object' && options !== null ? options : { showHidden: options === true, ...(depth === undefined ? {} : { depth }), ...(colors === undefined ? {} : { colors }) };
  const all: Options = { ...inspect.defaultOptions, ...given };
  const ctx = {
    ...all, depth: orInfinity(all.depth, 2), maxArrayLength: orInfinity(all.maxArrayLength, 100), maxStringLength: orInfinity(all.maxStringLength, 10_000),
    seen: [], circular: new Map(), indentation: 0, currentDepth: 0,
    stylize: (text: string, style: Style) => {
      const [on, off] = (all.colors ? inspect.colors[inspect.styles[style]] : undefined) ?? [];
      return on === undefined ? text : `\u001b[${on}m${text}\u001b[${off}m`;
    },
  } as unknown as Context;
  if (ctx.compact === true) ctx.breakLength = given.breakLength ?? 128;
  return render(ctx, value, 0);
}
inspect.custom = customInspect;
inspect.defaultOptions = {
  showHidden: false, depth: 2, colors: false, customInspect: true, showProxy: false, maxArrayLength: 100, maxStringLength: 10_000, breakLength: 80, compact: 3, sorted: false, getters: false,
  numericSeparator: false,
} as Options;
inspect.colors = {
  reset: [0, 0], bold: [1, 22], dim: [2, 22], italic: [3, 23], underline: [4, 24], inverse: [7, 27], strikethrough: [9, 29], black: [30, 39], red: [31, 39], green: [32, 39], yellow: [33, 39],
  blue: [34, 39], magenta: [35, 39], cyan: [36, 39], white: [37, 39], gray: [90, 39], grey: [90, 39], redBright: [91, 39], greenBright: [92, 39], yellowBright: [93, 39], blueBright: [94, 39],
  bgRed: [41, 49], bgGreen: [42, 49], bgYellow: [43, 49], bgBlue: [44, 49],
} as { [name: string]: readonly [number, number] };
inspect.styles = STYLES;

const ESCAPES: { readonly [character: string]: string } = { '\b': '\\b', '\t': '\\t', '\n': '\\n', '\f': '\\f', '\r': '\\r', '\v': '\\x0B', '\\': '\\\\' };

function quote(text: string): string {
  const mark = !text.includes("'") ? "'" : !text.includes('"') ? '"' : !text.includes('`') && !text.includes('${') ? '`' : "'";
  let out = mark;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const c = text[i]!;
    const alone = code >= 0xd800 && code <= 0xdfff && !(code < 0xdc00 ? /[\udc00-\udfff]/.test(text[i + 1] ?? '') : /[\ud800-\udbff]/.test(text[i - 1] ?? ''));
    if (ESCAPES[c] !== undefined) out += ESCAPES[c];
    else if (code < 32 || (code > 126 && code < 160)) out += `\\x${code.toString(16).toUpperCase().padStart(2, '0')}`;
    else if (alone) out += `\\u${code.toString(16).toUpperCase()}`;
    else out += c === mark ? `\\${c}` : c;
  }
  return out + mark;
}

function numberText(ctx: Context, value: number | bigint): string {
  const text = Object.is(value, -0) ? '-0' : String(value);
  if (!ctx.numericSeparator || !/^-?\d+(\.\d+)?$/.test(text)) return text;
  const [whole, fraction] = text.split('.') as [string, string | undefined];
  return whole.replace(/\B(?=(\d{3})+$)/g, '_') + (fraction === undefined ? '' : `.${fraction.replace(/(\d{3})(?=\d)/g, '$1_')}`);
}

function primitive(ctx: Context, value: unknown): string {
  switch (typeof value) {
    case 'string': {
      const cut = value.length > ctx.maxStringLength ? value.slice(0, ctx.maxStringLength) : value;
      const left = value.length - cut.length;
      const trailer = left > 0 ? `... ${left} more character${left > 1 ? 's' : ''}` : '';
      if (ctx.compact !== true && cut.length > 16 && cut.length > ctx.breakLength - ctx.indentation - 4 && cut.includes('\n'))
        return cut.split(/(?<=\n)/).map((line) => ctx.stylize(quote(line), 'string')).join(` +\n${' '.repeat(ctx.indentation + 2)}`) + trailer;
      return ctx.stylize(quote(cut), 'string') + trailer;
    }
    case 'number': return ctx.stylize(numberText(ctx, value), 'number');
    case 'bigint': return ctx.stylize(`${numberText(ctx, value)}n`, 'bigint');
    case 'boolean': return ctx.stylize(String(value), 'boolean');
    case 'symbol': return ctx.stylize(String(value), 'symbol');
    default: return ctx.stylize(String(value), value === null ? 'null' : 'undefined');
  }
}

function render(ctx: Context, value: any, level: number): string {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return primitive(ctx, value);
  const custom = ctx.customInspect ? value[customInspect] : undefined;
  if (typeof custom === 'function' && custom !== inspect) {
    const depth = ctx.depth - level;
    const { seen: _s, circular: _c, indentation: _i, currentDepth: _d, ...options } = ctx;
    const shown: unknown = custom.call(value, depth, { ...options, depth: ctx.depth === Infinity ? null : depth }, inspect);
    if (shown !== value) return typeof shown === 'string' ? shown.replaceAll('\n', `\n${' '.repeat(ctx.indentation)}`) : render(ctx, shown, level);
  }
  if (ctx.seen.includes(value)) {
    if (!ctx.circular.has(value)) ctx.circular.set(value, ctx.circular.size + 1);
    return ctx.stylize(`[Circular *${ctx.circular.get(value)}]`, 'special');
  }
  return object(ctx, value, level);
}

/** Name of the constructor; null for an object without prototype. */
function constructorName(value: object): string | null {
  for (let o: object | null = value; o !== null; o = Object.getPrototypeOf(o)) {
    const made: unknown = Object.getOwnPropertyDescriptor(o, 'constructor')?.value;
    // Node 20 has no global Iterator.
    if (typeof made === 'function' && made.name !== '' && made.name !== 'Iterator' && isInstance(value, made)) return made.name;
  }
  return null;
}

function isInstance(value: object, made: unknown): boolean {
  try {
    return value instanceof (made as new () => unknown);
  } catch {
    return false;
  }
}

const prefix = (name: string | null, tag: string, fallback: string, size = ''): string =>
  name === null ? `[${fallback}${size}: null prototype] ${tag !== '' && tag !== fallback ? `[${tag}] ` : ''}` : `${name}${size} ${tag !== '' && tag !== name ? `[${tag}] ` : ''}`;

function keysOf(ctx: Context, value: object): (string | symbol)[] {
  const keys = Reflect.ownKeys(value);
  const indexed = Array.isArray(value) || ArrayBuffer.isView(value);
  return keys.filter((k) => (ctx.showHidden && typeof k === 'string' ? true : Object.prototype.propertyIsEnumerable.call(value, k)) && !(indexed && typeof k === 'string' && /^(?:0|[1-9]\d*)$/.test(k)));
}

function functionBase(value: any, name: string | null, tag: string): string {
  if (/^class\b/.test(Function.prototype.toString.call(value))) {
    let base = `[class ${hasOwn(value, 'name') && value.name ? value.name : '(anonymous)'}`;
    if (name !== 'Function' && name !== null) base += ` [${name}]`;
    if (tag !== '' && name !== tag) base += ` [${tag}]`;
    const parent = Object.getPrototypeOf(value)?.name as unknown;
    return `${base}${name === null ? ' extends [null prototype]' : typeof parent === 'string' && parent !== '' ? ` extends ${parent}` : ''}]`;
  }
  const kind = /^(?:Async)?Generator/.test(name ?? '') ? name! : 'Function';
  return `[${kind}${name === null ? ' (null prototype)' : ''}${value.name === '' ? ' (anonymous)' : `: ${value.name}`}]${name !== kind && name !== null ? ` ${name}` : ''}`;
}

function errorBase(ctx: Context, error: Error, name: string | null, keys: (string | symbol)[]): string {
  let stack = typeof error.stack === 'string' && error.stack !== '' ? error.stack : Error.prototype.toString.call(error);
  for (const key of ['name', 'message', 'stack'] as const) {
    const at = keys.indexOf(key);
    if (at >= 0 && stack.includes(String(error[key]))) keys.splice(at, 1);
  }
  for (const key of ['cause', 'errors']) if (hasOwn(error, key) && !keys.includes(key)) keys.push(key);
  const own = String(error.name);
  // A class that gave its errors no name of their own.
  if (name !== null && name !== own && own.endsWith('Error') && stack.startsWith(own)) stack = name.includes(own) ? name + stack.slice(own.length) : `${name} [${own}]${stack.slice(own.length)}`;
  if (!stack.includes('\n    at')) stack = `[${stack}]`;
  return stack.replaceAll('\n', `\n${' '.repeat(ctx.indentation)}`);
}

/** What an object is made of: its text before the brace, the braces, its entries. */
function object(ctx: Context, value: any, level: number): string {
  const name = constructorName(value);
  let tag: unknown = value[Symbol.toStringTag];
  if (typeof tag !== 'string' || tag === name || hasOwn(value, Symbol.toStringTag)) tag = '';
  const label = tag as string;
  const keys = keysOf(ctx, value);
  let base = '';
  let braces: [string, string] = ['{', '}'];
  let list = false;
  let entries: () => string[] = () => [];
  const inner = (v: unknown): string => {
    ctx.indentation += 2;
    const text = render(ctx, v, level + 1);
    ctx.indentation -= 2;
    return text;
  };
  if (Array.isArray(value)) {
    list = true;
    braces = [`${name === 'Array' && label === '' ? '' : prefix(name, label, 'Array', `(${value.length})`)}[`, ']'];
    if (value.length === 0 && keys.length === 0) return `${braces[0]}]`;
    entries = () => arrayItems(ctx, value, inner);
  } else if (value instanceof Set || value instanceof Map) {
    const start = prefix(name, label, value instanceof Set ? 'Set' : 'Map', `(${value.size})`);
    if (value.size === 0 && keys.length === 0) return `${start}{}`;
    braces = [`${start}{`, '}'];
    entries = () => limited(ctx, value.size, value instanceof Set ? [...value].slice(0, ctx.maxArrayLength).map(inner) : [...value].slice(0, ctx.maxArrayLength).map(([k, v]) => `${inner(k)} => ${inner(v)}`));
  } else if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    const items = value as unknown as Uint8Array;
    if ((value as any)._isBuffer) {
      const bytes = `<Buffer ${Array.from(items.slice(0, 50), (b) => b.toString(16).padStart(2, '0')).join(' ')}${items.length > 50 ? ` ... ${items.length - 50} more byte${items.length > 51 ? 's' : ''}` : ''}>`;
      return items.length === 0 ? '<Buffer >' : bytes;
    }
    list = true;
    braces = [`${prefix(name, label, 'TypedArray', `(${items.length})`)}[`, ']'];
    if (items.length === 0 && keys.length === 0) return `${braces[0]}]`;
    entries = () => limited(ctx, items.length, Array.from(items.slice(0, ctx.maxArrayLength), (n) => primitive(ctx, n)));
  } else if (typeof value === 'function') {
    base = functionBase(value, name, label);
    if (keys.length === 0) return ctx.stylize(base, 'special');
  } else if (value instanceof Error) {
    base = errorBase(ctx, value, name, keys);
    if (keys.length === 0) return base;
  } else if (value instanceof Date || value instanceof RegExp) {
    base = value instanceof RegExp ? RegExp.prototype.toString.call(value) : Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
    const usual = value instanceof RegExp ? 'RegExp' : 'Date';
    if (name !== usual) base = prefix(name, label, usual) + base;
    if (keys.length === 0) return ctx.stylize(base, value instanceof RegExp ? 'regexp' : 'date');
  } else if (value instanceof ArrayBuffer) {
    const bytes = Array.from(new Uint8Array(value).slice(0, 50), (b) => b.toString(16).padStart(2, '0')).join(' ');
    braces = [`${prefix(name, label, 'ArrayBuffer')}{`, '}'];
    entries = () => [`[Uint8Contents]: <${bytes}${value.byteLength > 50 ? ` ... ${value.byteLength - 50} more bytes` : ''}>`, `byteLength: ${primitive(ctx, value.byteLength)}`];
  } else if (value instanceof DataView) {
    braces = [`${prefix(name, label, 'DataView')}{`, '}'];
    entries = () => [`byteLength: ${primitive(ctx, value.byteLength)}`, `byteOffset: ${primitive(ctx, value.byteOffset)}`, `buffer: ${inner(value.buffer)}`];
  } else if (value instanceof Promise) {
    braces = [`${prefix(name, label, 'Promise')}{`, '}'];
    entries = () => [ctx.stylize('<pending>', 'special')];
  } else if (value instanceof WeakMap || value instanceof WeakSet) {
    braces = [`${prefix(name, label, 'WeakMap')}{`, '}'];
    entries = () => [ctx.stylize('<items unknown>', 'special')];
  } else if (boxed(value) !== null) {
    const kind = boxed(value)!;
    if (kind === 'String') keys.splice(0, value.length);
    base = `[${kind}${name === kind ? '' : name === null ? ' (null prototype)' : ` (${name})`}: ${primitive({ ...ctx, stylize: (text: string) => text }, value.valueOf())}]`;
    if (keys.length === 0) return base;
  } else {
    const isArguments = Object.prototype.toString.call(value) === '[object Arguments]';
    if (isArguments) braces[0] = '[Arguments] {';
    else if (name !== 'Object' || label !== '') braces[0] = `${prefix(name, label, 'Object')}{`;
    if (keys.length === 0) return `${braces[0]}}`;
  }
  if (level > ctx.depth) return ctx.stylize(`[${Array.isArray(value) && name === 'Array' ? 'Array' : prefix(name, label, Array.isArray(value) ? 'Array' : 'Object').slice(0, -1)}]`, 'special');
  ctx.seen.push(value);
  ctx.currentDepth = level;
  const output = [...entries(), ...keys.map((key) => property(ctx, value, key, level))];
  ctx.seen.pop();
  const reference = ctx.circular.get(value);
  if (reference !== undefined) {
    const mark = ctx.stylize(`<ref *${reference}>`, 'special');
    if (ctx.compact !== true) base = base === '' ? mark : `${mark} ${base}`;
    else braces[0] = `${mark} ${braces[0]}`;
  }
  if (ctx.sorted) {
    const extra = output.length - keys.length;
    const order = typeof ctx.sorted === 'function' ? ctx.sorted : undefined;
    if (!list) output.sort(order);
    else output.push(...output.splice(extra).sort(order));
  }
  return together(ctx, output, base, braces, list, level, value);
}

function boxed(value: object): string | null {
  if (value instanceof Number) return 'Number';
  if (value instanceof String) return 'String';
  if (value instanceof Boolean) return 'Boolean';
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  return (tag === 'BigInt' && value instanceof BigInt) || (tag === 'Symbol' && value instanceof Symbol) ? tag : null;
}

/** The items shown, and how many more there are. */
function limited(ctx: Context, size: number, shown: string[]): string[] {
  const left = size - Math.min(size, ctx.maxArrayLength);
  return left > 0 ? [...shown, more(left)] : shown;
}
const more = (left: number): string => `... ${left} more item${left > 1 ? 's' : ''}`;

function arrayItems(ctx: Context, value: unknown[], inner: (v: unknown) => string): string[] {
  const output: string[] = [];
  let at = 0;
  for (; at < value.length && output.length < ctx.maxArrayLength; at++) {
    if (at in value) {
      output.push(inner(value[at]));
      continue;
    }
    let end = at;
    while (end < value.length && !(end in value) && end - at < 100_000) end++;
    output.push(ctx.stylize(`<${end - at} empty item${end - at > 1 ? 's' : ''}>`, 'undefined'));
    at = end - 1;
  }
  if (at < value.length) output.push(more(value.length - at));
  return output;
}

function property(ctx: Context, value: any, key: string | symbol, level: number): string {
  const d = Object.getOwnPropertyDescriptor(value, key) ?? { value: value[key], enumerable: true };
  let shown: string;
  if (d.get !== undefined) {
    const text = d.set === undefined ? '[Getter' : '[Getter/Setter';
    shown = ctx.stylize(`${text}]`, 'special');
    if (ctx.getters === true || (ctx.getters === 'get' && d.set === undefined) || (ctx.getters === 'set' && d.set !== undefined))
      try {
        const got: unknown = d.get.call(value);
        ctx.indentation += 2;
        shown = typeof got === 'object' && got !== null ? `${ctx.stylize(`${text}]`, 'special')} ${render(ctx, got, level + 1)}` : `${ctx.stylize(`${text}:`, 'special')} ${primitive(ctx, got)}${ctx.stylize(']', 'special')}`;
        ctx.indentation -= 2;
      } catch (error) {
        shown = `${ctx.stylize(`${text}:`, 'special')} <Inspection threw (${String((error as Error)?.message)})>${ctx.stylize(']', 'special')}`;
      }
  } else if (d.set !== undefined) shown = ctx.stylize('[Setter]', 'special');
  else {
    ctx.indentation += 2;
    shown = render(ctx, d.value, level + 1);
    ctx.indentation -= 2;
  }
  const written = typeof key === 'symbol' ? `[${ctx.stylize(String(key), 'symbol')}]`
    : key === '__proto__' ? "['__proto__']"
    : d.enumerable === false ? `[${key}]`
    : /^[A-Za-z_]\w*$/.test(key) ? ctx.stylize(key, 'name') : ctx.stylize(quote(key), 'string');
  return `${written}: ${shown}`;
}

const width = (ctx: Context, text: string): number => (ctx.colors ? text.replace(/\u001b\[\d+m/g, '') : text).length;

/** Joins entries: in columns if they are many items of a list, on one line if they fit and are not nested too deeply, else one a line. */
function together(ctx: Context, entries: string[], base: string, braces: readonly [string, string], list: boolean, level: number, value: unknown): string {
  const start = base === '' ? '' : `${base} `;
  const fits = (output: readonly string[], from: number): boolean => {
    let total = output.length + from;
    if (total + output.length > ctx.breakLength) return false;
    for (const text of output) if ((total += width(ctx, text)) > ctx.breakLength) return false;
    return base === '' || !base.includes('\n');
  };
  const { compact } = ctx;
  if (compact === true) {
    if (fits(entries, 0)) return `${braces[0]}${base === '' ? '' : ` ${base}`} ${entries.join(', ')} ${braces[1]}`;
    const indentation = `\n${' '.repeat(ctx.indentation)}`;
    return `${braces[0]}${base === '' && braces[0].length === 1 ? ' ' : `${base === '' ? '' : ` ${base}`}${indentation}  `}${entries.join(`,${indentation}  `)} ${braces[1]}`;
  }
  let output = entries;
  if (typeof compact === 'number' && compact >= 1) {
    if (list && entries.length > 6) output = columns(ctx, entries, value, compact);
    if (ctx.currentDepth - level < compact && output.length === entries.length && fits(output, output.length + ctx.indentation + braces[0].length + base.length + 10)) {
      const line = output.join(', ');
      if (!line.includes('\n')) return `${start}${braces[0]} ${line} ${braces[1]}`;
    }
  }
  const indentation = `\n${' '.repeat(ctx.indentation)}`;
  return `${start}${braces[0]}${indentation}  ${output.join(`,${indentation}  `)}${indentation}${braces[1]}`;
}

/** Items of a list in columns, if they are short and alike. */
function columns(ctx: Context, output: string[], value: unknown, compact: number): string[] {
  const hasMore = ctx.maxArrayLength < output.length;
  const count = hasMore ? output.length - 1 : output.length;
  const lengths = output.slice(0, count).map((text) => width(ctx, text));
  const total = lengths.reduce((sum, length) => sum + length + 2, 0);
  const longest = Math.max(0, ...lengths);
  const actual = longest + 2;
  if (actual * 3 + ctx.indentation >= ctx.breakLength || !(total / actual > 5 || longest <= 6)) return output;
  const biased = Math.max(actual - 3 - Math.sqrt(actual - total / output.length), 1);
  const across = Math.min(Math.round(Math.sqrt(2.5 * biased * count) / biased), Math.floor((ctx.breakLength - ctx.indentation) / actual), compact * 4, 15);
  if (across <= 1) return output;
  const widths = Array.from({ length: across }, (_, i) => Math.max(0, ...lengths.filter((_length, j) => j % across === i)) + 2);
  const items = value as ArrayLike<unknown> | undefined;
  const numbers = items !== undefined && output.every((_, i) => typeof items[i] === 'number' || typeof items[i] === 'bigint');
  const lines: string[] = [];
  for (let i = 0; i < count; i += across) {
    const end = Math.min(i + across, count);
    let line = '';
    for (let j = i; j < end; j++) {
      const text = j < end - 1 ? `${output[j]}, ` : output[j]!;
      const wanted = widths[j - i]! + output[j]!.length - lengths[j]! - (j < end - 1 ? 0 : 2);
      line += numbers ? text.padStart(wanted) : j < end - 1 ? text.padEnd(wanted) : text;
    }
    lines.push(line);
  }
  return hasMore ? [...lines, output[count]!] : lines;
}
