/** `util.inspect` in Node's form, without colours, getters and proxies. */

interface Options {
  depth?: number | null;
  breakLength?: number;
  compact?: boolean | number;
  [other: string]: unknown;
}

const customInspect = Symbol.for('nodejs.util.inspect.custom');

function quote(text: string): string {
  const mark = !text.includes("'") ? "'" : !text.includes('"') ? '"' : !text.includes('`') ? '`' : "'";
  const escaped = text.replace(/[\n\t\r\b\f\v\\]/g, (c) => ({ '\n': '\\n', '\t': '\\t', '\r': '\\r', '\b': '\\b', '\f': '\\f', '\v': '\\v', '\\': '\\\\' })[c] as string);
  return mark + (mark === "'" ? escaped.replaceAll("'", "\\'") : escaped) + mark;
}

export function inspect(value: unknown, options: Options = {}): string {
  const limit = options.depth === null ? Infinity : (options.depth ?? 2);
  return render(value, 0, limit, [], options);
}
inspect.custom = customInspect;
inspect.defaultOptions = {};

const keyText = (key: string | symbol): string => (typeof key === 'symbol' ? `[${String(key)}]` : /^[A-Za-z_$][\w$]*$/.test(key) ? key : quote(key));

function render(value: any, depth: number, limit: number, open: unknown[], options: Options): string {
  switch (typeof value) {
    case 'string': return quote(value);
    case 'number': return Object.is(value, -0) ? '-0' : String(value);
    case 'bigint': return `${value}n`;
    case 'symbol': case 'boolean': case 'undefined': return String(value);
    default:
  }
  if (value === null) return 'null';
  if (typeof value[customInspect] === 'function') {
    const shown = value[customInspect](limit - depth, options, inspect);
    return typeof shown === 'string' ? shown : render(shown, depth, limit, open, options);
  }
  if (open.includes(value)) return '[Circular *1]';
  const inner = (v: unknown): string => render(v, depth + 1, limit, [...open, value], options);
  const keys = Reflect.ownKeys(value).filter((k) => Object.prototype.propertyIsEnumerable.call(value, k) && !(isIndexed(value) && typeof k === 'string' && /^\d+$/.test(k)));
  const name = value.constructor?.name ?? '';
  if (depth > limit) return Array.isArray(value) ? '[Array]' : `[${name || 'Object: null prototype'}]`;
  const entries = keys.map((k) => {
    const d = Object.getOwnPropertyDescriptor(value, k);
    return `${keyText(k)}: ${d?.get ? (d.set ? '[Getter/Setter]' : '[Getter]') : d?.set ? '[Setter]' : inner(d?.value)}`;
  });
  if (typeof value === 'function') {
    const text = /^class\b/.test(Function.prototype.toString.call(value)) ? `[class ${value.name || '(anonymous)'}]` : `[Function${value.name ? `: ${value.name}` : ' (anonymous)'}]`;
    return entries.length === 0 ? text : block(`${text} {`, entries, '}', depth, options);
  }
  if (value instanceof Error) {
    const text = typeof value.stack === 'string' && value.stack !== '' ? value.stack : `${value.name}: ${value.message}`;
    const cause = 'cause' in value && !keys.includes('cause') ? [`[cause]: ${inner(value.cause)}`] : [];
    return entries.length + cause.length === 0 ? text : block(`${text} {`, [...entries, ...cause], '}', depth, options);
  }
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof RegExp) return String(value);
  if (value instanceof Promise) return 'Promise { <pending> }';
  if (value instanceof Number || value instanceof String || value instanceof Boolean) return `[${name}: ${render(value.valueOf(), depth, limit, open, options)}]`;
  if (Array.isArray(value)) {
    const items = value.slice(0, 100).map((v, i) => (i in value ? inner(v) : '<empty item>'));
    if (value.length > 100) items.push(`... ${value.length - 100} more item${value.length > 101 ? 's' : ''}`);
    return block(name === 'Array' ? '[' : `${name}(${value.length}) [`, [...items, ...entries], ']', depth, options);
  }
  if (value instanceof Map) return block(`Map(${value.size}) {`, [...[...value].map(([k, v]) => `${inner(k)} => ${inner(v)}`), ...entries], '}', depth, options);
  if (value instanceof Set) return block(`Set(${value.size}) {`, [...[...value].map(inner), ...entries], '}', depth, options);
  if (value instanceof ArrayBuffer) return `ArrayBuffer { byteLength: ${value.byteLength} }`;
  if (ArrayBuffer.isView(value)) {
    const bytes = value as Uint8Array;
    if (name === 'Buffer' || (value as any)._isBuffer) return `<Buffer ${Array.from(bytes.slice(0, 50), (b) => b.toString(16).padStart(2, '0')).join(' ')}${bytes.length > 50 ? ` ... ${bytes.length - 50} more bytes` : ''}>`;
    return block(`${name}(${bytes.length}) [`, Array.from(bytes.slice(0, 100), String), ']', depth, options);
  }
  if (value instanceof WeakMap || value instanceof WeakSet) return `${name} { <items unknown> }`;
  const prefix = Object.getPrototypeOf(value) === null ? '[Object: null prototype] ' : name === 'Object' || name === '' ? '' : `${name} `;
  return block(`${prefix}{`, entries, '}', depth, options);
}

const isIndexed = (value: unknown): boolean => Array.isArray(value) || ArrayBuffer.isView(value);

/** One line when it fits in 72 columns, else one entry a line. */
function block(start: string, entries: readonly string[], end: string, depth: number, options: Options): string {
  if (entries.length === 0) return start + end;
  const line = `${start} ${entries.join(', ')} ${end}`;
  if (!line.includes('\n') && (options.breakLength === Infinity || line.length + depth * 2 <= (options.breakLength ?? 76))) return line;
  const indent = '  '.repeat(depth + 1);
  return `${start}\n${entries.map((e) => indent + e).join(',\n')}\n${'  '.repeat(depth)}${end}`;
}
