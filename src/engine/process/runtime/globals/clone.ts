/** structuredClone. Errors keep name, message, stack and cause; functions and symbols are refused, as the standard says. */
export function structuredClone<T>(value: T): T {
  return clone(value, new Map()) as T;
}

const refuse = (value: unknown): never => {
  throw new DOMException(`${String(value)} could not be cloned.`, 'DataCloneError');
};

function clone(value: unknown, seen: Map<unknown, unknown>): unknown {
  if (typeof value === 'function' || typeof value === 'symbol') return refuse(value);
  if (typeof value !== 'object' || value === null) return value;
  const known = seen.get(value);
  if (known !== undefined) return known;
  const keep = <T>(copy: T): T => {
    seen.set(value, copy);
    return copy;
  };
  if (value instanceof Boolean || value instanceof Number || value instanceof String) return keep(Object(value.valueOf()));
  if (value instanceof Date) return keep(new Date(value.getTime()));
  if (value instanceof RegExp) return keep(new RegExp(value.source, value.flags));
  if (value instanceof ArrayBuffer) return keep(value.slice(0));
  if (ArrayBuffer.isView(value)) {
    const view = value as Uint8Array;
    const buffer = view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
    // A Buffer becomes a Uint8Array, as in Node.
    const Type = value instanceof Uint8Array ? Uint8Array : (value.constructor as Uint8ArrayConstructor);
    return keep(new Type(buffer as ArrayBuffer));
  }
  if (value instanceof Map) {
    const copy = keep(new Map());
    for (const [k, v] of value) copy.set(clone(k, seen), clone(v, seen));
    return copy;
  }
  if (value instanceof Set) {
    const copy = keep(new Set());
    for (const v of value) copy.add(clone(v, seen));
    return copy;
  }
  if (value instanceof Error) {
    const Type = { EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError }[value.name] ?? Error;
    const copy = keep(new Type(value.message));
    Object.defineProperty(copy, 'stack', { value: value.stack, writable: true, configurable: true });
    if ('cause' in value) Object.defineProperty(copy, 'cause', { value: clone(value.cause, seen), writable: true, configurable: true });
    return copy;
  }
  if (value instanceof Promise || value instanceof WeakMap || value instanceof WeakSet || value instanceof WeakRef) return refuse(value);
  const copy: any = keep(Array.isArray(value) ? Array.from({ length: value.length }) : {});
  for (const key of Object.keys(value)) copy[key] = clone((value as Record<string, unknown>)[key], seen);
  return copy;
}
