import { inspect } from '../../../sandbox/vm/inspect.ts';

/** What Node says it was given instead of what it wanted. */
function received(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (typeof value === 'function') return `function ${value.name}`;
  if (typeof value === 'object') {
    const name = (value as { constructor?: { name?: string } }).constructor?.name;
    return name ? `an instance of ${name}` : inspect(value, { depth: -1 });
  }
  const text = inspect(value, { colors: false });
  return `type ${typeof value} (${text.length > 28 ? `${text.slice(0, 25)}...` : text})`;
}

/** Node's ERR_INVALID_ARG_TYPE. `wanted`: `of type function`, `an instance of Buffer`. */
export const invalidArgument = (name: string, wanted: string, value: unknown): TypeError =>
  Object.assign(new TypeError(`The "${name}" argument must be ${wanted}. Received ${received(value)}`), { code: 'ERR_INVALID_ARG_TYPE' });
