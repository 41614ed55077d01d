/** Deep equality as Node's assert and util define it: by value, strict (types, prototypes, Object.is) or loose (==). */
export function isDeepEqual(a: unknown, b: unknown, strict: boolean, seen: [unknown, unknown][] = []): boolean {
  if (strict ? Object.is(a, b) : a == b || (Number.isNaN(a) && Number.isNaN(b))) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (seen.some(([x, y]) => x === a && y === b)) return true;
  if (Object.prototype.toString.call(a) !== Object.prototype.toString.call(b)) return false;
  if (strict && Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  const next: [unknown, unknown][] = [...seen, [a, b]];
  const equal = (x: unknown, y: unknown): boolean => isDeepEqual(x, y, strict, next);
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime();
  if (a instanceof RegExp && b instanceof RegExp) return String(a) === String(b);
  if (a instanceof Error && b instanceof Error && (a.name !== b.name || a.message !== b.message)) return false;
  if (a instanceof Number || a instanceof String || a instanceof Boolean) return Object.is(a.valueOf(), (b as object).valueOf());
  if (ArrayBuffer.isView(a) && ArrayBuffer.isView(b)) {
    const [x, y] = [new Uint8Array(a.buffer, a.byteOffset, a.byteLength), new Uint8Array(b.buffer, b.byteOffset, b.byteLength)];
    return x.length === y.length && x.every((byte, i) => byte === y[i]);
  }
  if (a instanceof Map && b instanceof Map) {
    if (a.size !== b.size) return false;
    return [...a].every(([k, v]) => (b.has(k) ? equal(v, b.get(k)) : [...b].some(([k2, v2]) => equal(k, k2) && equal(v, v2))));
  }
  if (a instanceof Set && b instanceof Set) return a.size === b.size && [...a].every((v) => b.has(v) || [...b].some((v2) => equal(v, v2)));
  if (Array.isArray(a) && a.length !== (b as unknown[]).length) return false;
  const keys = (o: object): (string | symbol)[] => Reflect.ownKeys(o).filter((k) => Object.prototype.propertyIsEnumerable.call(o, k));
  const names = keys(a);
  return names.length === keys(b).length && names.every((k) => Object.hasOwn(b, k) && equal((a as any)[k], (b as any)[k]));
}
