/**
 * Values as JSON that `structuredClone` can copy: what a workflow hands to sinks and loggers crosses from its VM into the worker's that way, as the
 * genuine one's crosses from thread to thread. What JSON has stays as it is; the rest is tagged with `$`, and what was met before is named by its number.
 */
// A workflow may put others in the place of its globals.
const { Array, ArrayBuffer, BigInt, Boolean, Date, Error, Map, Number, Object, Promise, RegExp, Set, String, Uint8Array, WeakMap, WeakSet } = globalThis;

interface Tagged {
  readonly $: string;
  readonly v?: unknown;
}

/** An error on its way. `name` is that of its class, which a copy has of the language's own classes only. */
export interface ErrorFields {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  readonly cause?: unknown;
}

/** @throws an error named `DataCloneError` for what has no copy: functions, symbols, promises … */
export function toCloneJson(value: unknown): unknown {
  const seen = new Map<object, number>();
  const entries = (list: Iterable<unknown>): unknown[] => Array.from(list, write);
  const fields = (object: object): [string, unknown][] => Object.keys(object).map((key) => [key, write((object as Record<string, unknown>)[key])]);
  function write(value: unknown): unknown {
    if (value === null) return null;
    switch (typeof value) {
      case 'string': case 'boolean': return value;
      case 'number': return Number.isFinite(value) && !Object.is(value, -0) ? value : { $: 'number', v: Object.is(value, -0) ? '-0' : String(value) };
      case 'undefined': return { $: 'undefined' };
      case 'bigint': return { $: 'bigint', v: String(value) };
      case 'function': case 'symbol': return refuse(value);
      case 'object': break;
    }
    return writeObject(value as object);
  }
  function writeObject(value: object): unknown {
    const known = seen.get(value);
    if (known !== undefined) return { $: 'ref', v: known };
    seen.set(value, seen.size);
    if (Array.isArray(value)) return Array.from(value, (item, i) => (i in value ? write(item) : { $: 'hole' }));
    if (value instanceof Date) return { $: 'Date', v: Number.isNaN(value.getTime()) ? null : value.getTime() };
    if (value instanceof Map) return { $: 'Map', v: entries([...value].flat(1)) };
    if (value instanceof Set) return { $: 'Set', v: entries(value) };
    if (value instanceof RegExp) return { $: 'RegExp', v: [value.source, value.flags] };
    if (value instanceof Error) return { $: 'Error', v: { name: value.name, message: value.message, stack: String(value.stack ?? ''), ...('cause' in value && { cause: write(value.cause) }) } };
    if (value instanceof ArrayBuffer) return { $: 'ArrayBuffer', v: [...new Uint8Array(value)] };
    if (ArrayBuffer.isView(value)) return { $: Object.prototype.toString.call(value).slice(8, -1), v: [...new Uint8Array(value.buffer, value.byteOffset, value.byteLength)] };
    if (value instanceof Boolean || value instanceof Number || value instanceof String) return { $: 'Object', v: write(value.valueOf()) };
    if (value instanceof Promise || value instanceof WeakMap || value instanceof WeakSet) return refuse(value);
    const own = fields(value);
    return '$' in value ? { $: 'object', v: own } : Object.fromEntries(own);
  }
  return write(value);
}

function refuse(value: unknown): never {
  // The marks of lines (src/compile/tracing.ts) are no part of the code.
  const error = new Error(`${String(value).replace(/__t\([\d, ]+\)[,;] ?/g, '')} could not be cloned.`);
  error.name = 'DataCloneError';
  throw error;
}

/** @param makeError what stands for an error: a real one, or its fields for a log line */
export function fromCloneJson(json: unknown, makeError: (fields: ErrorFields) => object = cloneOfError): unknown {
  const made: unknown[] = [];
  const keep = <T>(value: T): T => (made.push(value), value);
  function read(json: unknown): unknown {
    if (typeof json !== 'object' || json === null) return json;
    if (Array.isArray(json)) {
      const list = keep<unknown[]>([]);
      for (const [i, item] of json.entries()) if ((item as Tagged | null)?.$ !== 'hole') list[i] = read(item);
      list.length = json.length;
      return list;
    }
    const { $: tag, v } = json as Tagged;
    if (tag === undefined) return fill(keep({}), Object.entries(json));
    const items = v as unknown[];
    switch (tag) {
      case 'undefined': return undefined;
      case 'number': return Number(v);
      case 'bigint': return BigInt(v as string);
      case 'ref': return made[v as number];
      case 'Date': return keep(new Date((v as number | null) ?? NaN));
      case 'RegExp': return keep(new RegExp(items[0] as string, items[1] as string));
      case 'Object': return keep(Object(read(v)));
      case 'object': return fill(keep({}), items as [string, unknown][]);
      case 'Set': {
        const set = keep(new Set());
        for (const item of items) set.add(read(item));
        return set;
      }
      case 'Map': {
        const map = keep(new Map());
        for (let i = 0; i < items.length; i += 2) map.set(read(items[i]), read(items[i + 1]));
        return map;
      }
      case 'Error': {
        const { cause, ...fields } = v as ErrorFields;
        const error = keep(makeError(fields));
        if ('cause' in (v as object)) Object.defineProperty(error, 'cause', { value: read(cause), writable: true, configurable: true, enumerable: makeError !== cloneOfError });
        return error;
      }
    }
    const bytes = Uint8Array.from(v as number[]);
    if (tag === 'ArrayBuffer') return keep(bytes.buffer);
    const Type = (globalThis as unknown as { readonly [name: string]: { new (buffer: ArrayBuffer): object } })[tag]!;
    return keep(new Type(bytes.buffer));
  }
  const fill = (object: Record<string, unknown>, fields: readonly [string, unknown][]): object => {
    for (const [key, field] of fields) object[key] = read(field);
    return object;
  };
  return read(json);
}

const NATIVE_ERRORS: { readonly [name: string]: ErrorConstructor } = { EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };

/** Only the stack still tells of classes other than the language's. */
function cloneOfError({ name, message, stack }: ErrorFields): Error {
  const error = new (NATIVE_ERRORS[name] ?? Error)(message);
  Object.defineProperty(error, 'stack', { value: stack, writable: true, configurable: true });
  return error;
}
