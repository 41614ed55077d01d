/**
 * What a structured clone carries from one VM to another, as JSON: the genuine worker's threads post the arguments of sinks to one another. An
 * object in a cycle arrives as undefined.
 */
const MARK = '$clone';

/** The value as JSON can carry it; throws what V8 says of functions and symbols. */
export function cloneToJson(value: unknown, above: readonly object[] = []): unknown {
  const tagged = (type: string, content?: unknown): object => ({ [MARK]: type, content });
  switch (typeof value) {
    case 'undefined':
      return tagged('undefined');
    case 'bigint':
      return tagged('bigint', String(value));
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0) ? value : tagged('number', Object.is(value, -0) ? '-0' : String(value));
    case 'function':
    case 'symbol':
      // The marks of lines (src/compile/tracing.ts) are no part of the code.
      throw Object.assign(new Error(`${String(value).replace(/__t\([\d, ]+\)[,;] ?/g, '')} could not be cloned.`), { name: 'DataCloneError' });
    default:
  }
  if (typeof value !== 'object' || value === null) return value;
  if (above.includes(value)) return tagged('undefined');
  const inner = (one: unknown): unknown => cloneToJson(one, [...above, value]);
  if (value instanceof Date) return tagged('Date', value.getTime());
  if (value instanceof RegExp) return tagged('RegExp', [value.source, value.flags]);
  if (value instanceof Map) return tagged('Map', Array.from(value, (entry) => entry.map(inner)));
  if (value instanceof Set) return tagged('Set', Array.from(value, inner));
  if (value instanceof ArrayBuffer) return tagged('ArrayBuffer', Array.from(new Uint8Array(value)));
  if (ArrayBuffer.isView(value)) return tagged('Uint8Array', Array.from(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)));
  if (value instanceof Error) return tagged('Error', { name: value.name, message: value.message, stack: value.stack, ...('cause' in value && { cause: inner(value.cause) }) });
  if (Array.isArray(value)) return Array.from(value, inner);
  const fields = Object.fromEntries(Object.entries(value).map(([key, one]) => [key, inner(one)]));
  return MARK in value ? tagged('object', fields) : fields;
}

/** The value again. */
export function cloneFromJson(json: any): any {
  if (typeof json !== 'object' || json === null) return json;
  if (Array.isArray(json)) return json.map(cloneFromJson);
  const fields = (object: object): object => Object.fromEntries(Object.entries(object).map(([key, one]) => [key, cloneFromJson(one)]));
  const { [MARK]: type, content } = json;
  switch (type) {
    case undefined:
      return fields(json);
    case 'undefined':
      return undefined;
    case 'object':
      return fields(content);
    case 'bigint':
      return BigInt(content);
    case 'number':
      return Number(content);
    case 'Date':
      return new Date(content);
    case 'RegExp':
      return new RegExp(content[0], content[1]);
    case 'Map':
      return new Map(cloneFromJson(content));
    case 'Set':
      return new Set(cloneFromJson(content));
    case 'ArrayBuffer':
      return new Uint8Array(content).buffer;
    case 'Error':
      return cloneError(content);
    default:
      return new Uint8Array(content);
  }
}

const ERRORS: { readonly [name: string]: ErrorConstructor } = { EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };

/** An error keeps its class only if the language has it. */
function cloneError({ name, message, stack, ...rest }: { name: string; message: string; stack: string; cause?: unknown }): Error {
  const error = new (ERRORS[name] ?? Error)(message, 'cause' in rest ? { cause: cloneFromJson(rest.cause) } : undefined);
  return Object.defineProperty(error, 'stack', { value: stack, writable: true, configurable: true });
}
