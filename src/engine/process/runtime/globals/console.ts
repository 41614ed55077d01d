import { ownFrames } from '../../worker/log-text.ts';
import { kernel } from '../kernel.ts';

/** `console`: each call is one line of the process's log. */

type Level = 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';

/** A value as the log shows it: text as it is, an error with its stack, everything else as JSON. */
export function formatLogValue(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Error) return formatError(value);
  if (typeof value === 'bigint') return `${value}n`;
  const open: unknown[] = [];
  const text = JSON.stringify(value, function (this: unknown, _key, v: unknown) {
    if (typeof v === 'bigint') return `${v}n`;
    if (v instanceof Error) return formatError(v);
    if (typeof v === 'object' && v !== null) {
      while (open.length > 0 && open[open.length - 1] !== this) open.pop();
      if (open.includes(v)) return '[Circular]';
      open.push(v);
    }
    return v;
  });
  return text ?? (typeof value === 'function' ? `[Function: ${value.name || 'anonymous'}]` : String(value));
}

/** An error with its stack and its causes. */
export function formatError(error: Error): string {
  let text = '';
  const seen = new Set<unknown>();
  for (let e: unknown = error; e !== undefined && e !== null && !seen.has(e); e = (e as { cause?: unknown }).cause) {
    seen.add(e);
    if (text !== '') text += '\n[cause]: ';
    if (!(e instanceof Error)) return text + formatLogValue(e);
    const header = `${e.name}: ${e.message}`;
    const stack = typeof e.stack === 'string' ? e.stack : '';
    text += [header, ...ownFrames(stack)].join('\n');
  }
  return text;
}

export const formatLog = (values: readonly unknown[]): string => values.map(formatLogValue).join(' ');

const counts = new Map<string, number>();
const started = new Map<string, number>();
let indent = '';

function write(level: Level, values: readonly unknown[]): void {
  const text = formatLog(values);
  kernel.emit({ op: 'log', level, text: indent === '' ? text : indent + text.replaceAll('\n', `\n${indent}`) });
}

const elapsed = (label: string): string => `${label}: ${kernel.now() - (started.get(label) ?? kernel.now())}ms`;

export const console = {
  log: (...values: unknown[]) => write('INFO', values),
  info: (...values: unknown[]) => write('INFO', values),
  debug: (...values: unknown[]) => write('DEBUG', values),
  trace: (...values: unknown[]) => write('TRACE', values),
  warn: (...values: unknown[]) => write('WARN', values),
  error: (...values: unknown[]) => write('ERROR', values),
  dir: (value: unknown) => write('INFO', [value]),
  dirxml: (...values: unknown[]) => write('INFO', values),
  table: (value: unknown) => write('INFO', [value]),
  assert: (condition?: unknown, ...values: unknown[]) => {
    if (!condition) write('WARN', values.length === 0 ? ['Assertion failed'] : ['Assertion failed:', ...values]);
  },
  count: (label = 'default') => {
    counts.set(label, (counts.get(label) ?? 0) + 1);
    write('INFO', [`${label}: ${counts.get(label)}`]);
  },
  countReset: (label = 'default') => {
    counts.delete(label);
  },
  group: (...values: unknown[]) => {
    if (values.length > 0) write('INFO', values);
    indent += '  ';
  },
  groupCollapsed: (...values: unknown[]) => console.group(...values),
  groupEnd: () => {
    indent = indent.slice(2);
  },
  time: (label = 'default') => {
    started.set(label, kernel.now());
  },
  timeLog: (label = 'default', ...values: unknown[]) => write('INFO', [elapsed(label), ...values]),
  timeEnd: (label = 'default') => {
    write('INFO', [elapsed(label)]);
    started.delete(label);
  },
  clear: () => {},
};
