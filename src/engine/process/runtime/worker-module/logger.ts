import type { LogLevel, LogMetadata, Logger } from '@temporalio/common';
import type { LogEntry } from '@temporalio/worker';
import { formatLogValue } from '../globals/console.ts';
import { kernel } from '../kernel.ts';

/** Key of a metadata field that overrides the time of a log entry. */
export const LogTimestamp = Symbol.for('log_timestamp');

const severities: readonly LogLevel[] = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR'];

/** Writes to the process's log: the message, then the attributes as JSON. */
function defaultLogFunction({ level, message, meta }: LogEntry): void {
  kernel.emit({ op: 'log', level, text: meta === undefined ? message : `${message} ${formatLogValue(meta)}` });
}

/** The SDK's DefaultLogger: drops what is below its level and hands the rest to a function. */
export class DefaultLogger implements Logger {
  readonly level: LogLevel;
  protected readonly severity: number;
  protected readonly logFunction: (entry: LogEntry) => void;

  constructor(level: LogLevel = 'INFO', logFunction: (entry: LogEntry) => void = defaultLogFunction) {
    this.level = level;
    this.severity = severities.indexOf(level);
    this.logFunction = logFunction;
  }

  /** True when it writes to the process's log in the default way: the engine may format such lines itself. */
  get isPlain(): boolean {
    return this.logFunction === defaultLogFunction && this.constructor === DefaultLogger;
  }

  log(level: LogLevel, message: string, meta?: LogMetadata): void {
    if (severities.indexOf(level) < this.severity) return;
    const { [LogTimestamp]: timestampNanos, ...rest } = meta ?? {};
    this.logFunction({
      level,
      message,
      timestampNanos: (timestampNanos as bigint | undefined) ?? BigInt(Math.round(kernel.now())) * 1_000_000n,
      ...(Object.keys(rest).length === 0 ? {} : { meta: rest }),
    });
  }
  trace(message: string, meta?: LogMetadata): void {
    this.log('TRACE', message, meta);
  }
  debug(message: string, meta?: LogMetadata): void {
    this.log('DEBUG', message, meta);
  }
  info(message: string, meta?: LogMetadata): void {
    this.log('INFO', message, meta);
  }
  warn(message: string, meta?: LogMetadata): void {
    this.log('WARN', message, meta);
  }
  error(message: string, meta?: LogMetadata): void {
    this.log('ERROR', message, meta);
  }
}
