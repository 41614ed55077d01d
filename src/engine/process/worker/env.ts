import type { ProcessId, Timestamp } from '../../../base/brand.ts';
import type { AgendaId } from '../../../api/rpc.ts';
import type { TraceEntry } from '../../../trace/entries.ts';
import type { ProcessHost, ProcessItem } from '../../ports.ts';
import type { LogLevel, WorkerConfig, WorkerMessage } from './messages.ts';

/** What the parts of one worker share. */
export interface WorkerEnv {
  readonly host: ProcessHost;
  readonly process: ProcessId;
  /** The number of the worker in its process, from 1. */
  readonly worker: number;
  readonly config: WorkerConfig;
  now(): Timestamp;
  /** An agenda item that comes back to this worker. */
  schedule(at: Timestamp, item: ProcessItem): AgendaId;
  cancel(id: AgendaId): void;
  toVm(message: WorkerMessage): void;
  /** A line of the worker's own, as Core prints it. */
  log(level: LogLevel, message: string, meta?: { readonly [key: string]: unknown }): void;
  emit(entry: TraceEntry): void;
}
