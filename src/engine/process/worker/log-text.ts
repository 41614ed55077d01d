import type { LogLevel } from './messages.ts';

/** In rising order. */
export const logLevels: readonly LogLevel[] = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR'];

/** An error as the workflow VM hands it over (`ErrorFields` of sandbox/vm/clone-json.ts). */
interface ErrorJson {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  readonly cause?: unknown;
}

export const isErrorJson = (value: unknown): value is ErrorJson => {
  const fields = value as Partial<ErrorJson> | null | undefined;
  return typeof fields === 'object' && fields !== null && typeof fields.name === 'string' && typeof fields.message === 'string' && typeof fields.stack === 'string';
};

/** The frames of a stack trace that name a place in the project. Those of the SDK and of our own code lie in our bundles, which says nothing to a reader. */
export const ownFrames = (stack: string): string[] => stack.split('\n').filter((line) => line.startsWith('    at ') && !/[ (](?:workflow|process)\.js:\d|<anonymous>$|\(<anonymous>\)$/.test(line));

/** As activities log theirs: name and message, the frames of the project, and the causes. */
function errorText({ name, message, stack, cause }: ErrorJson): string {
  const text = [`${name}: ${message}`, ...ownFrames(stack)].join('\n');
  return cause === undefined ? text : `${text}\n[cause]: ${isErrorJson(cause) ? errorText(cause) : typeof cause === 'string' ? cause : JSON.stringify(cause)}`;
}

/** A log line of the SDK: the message, then its attributes as JSON where there are any. */
export function logText(message: string, meta: unknown): string {
  const open: unknown[] = [];
  const text = function (this: unknown, _key: string, value: unknown): unknown {
    if (isErrorJson(value)) return errorText(value);
    if (typeof value === 'bigint') return String(value);
    while (open.length > 0 && open.at(-1) !== this) open.pop();
    if (open.includes(value)) return '[Circular]';
    if (typeof value === 'object') open.push(value);
    return value;
  };
  const json = meta === undefined || meta === null ? undefined : JSON.stringify(meta, text);
  return json === undefined || json === '{}' ? message : `${message} ${json}`;
}
