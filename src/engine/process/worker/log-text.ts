import type { LogLevel } from './messages.ts';

/** In rising order. */
export const logLevels: readonly LogLevel[] = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR'];

/** A log line of the SDK: the message, then its attributes as JSON where there are any. */
export function logText(message: string, meta: unknown): string {
  const json = meta === undefined || meta === null ? undefined : JSON.stringify(meta);
  return json === undefined || json === '{}' ? message : `${message} ${json}`;
}
