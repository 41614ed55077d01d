import type { BenchRequest, BranchId, FromHost, Notice, RequestName, Requests, RunRequest, ToHost } from '../protocol/messages.ts';
import type { Input } from '../trace/entries.ts';

/** The UI's line to the engine's Web Worker. */
export interface EngineClient {
  load(request: RunRequest): Promise<Requests['load']['response']>;
  input(branchId: BranchId, step: number, input: Input, files?: { readonly [path: string]: string }): Promise<Requests['input']['response']>;
  runTo(branchId: BranchId, step: number): Promise<Requests['runTo']['response']>;
  importHistory(text: string, workflowId?: string): Promise<Requests['importHistory']['response']>;
  bench(request: BenchRequest): Promise<Requests['bench']['response']>;
  /** Calls back for each notice of the run loaded last; returns what takes the callback away. */
  onTrace(callback: (notice: Notice) => void): () => void;
  /** Calls back when the worker itself broke; nothing can be asked of it afterwards. */
  onBroken(callback: (message: string) => void): () => void;
  close(): void;
}

/** Connects to a worker that runs `src/host/main.ts`. */
export function createEngineClient(worker: Worker): EngineClient {
  let nextId = 1;
  let run = 0;
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  const traceCallbacks = new Set<(notice: Notice) => void>();
  const brokenCallbacks = new Set<(message: string) => void>();
  /** Why the worker broke; null while it lives. */
  let reason: string | null = null;
  const broken = (message: string) => {
    reason = message;
    for (const w of waiting.values()) w.reject(new Error(message));
    waiting.clear();
    for (const callback of brokenCallbacks) callback(message);
  };
  worker.addEventListener('message', (event: MessageEvent<FromHost>) => {
    const message = event.data;
    if (message.type === 'notice') {
      if (message.notice.run < run) return;
      run = message.notice.run;
      for (const callback of traceCallbacks) callback(message.notice);
      return;
    }
    const entry = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.ok) entry?.resolve(message.response as never);
    else entry?.reject(new Error(message.message));
  });
  worker.addEventListener('error', (event) => broken(event.message || 'the engine stopped'));
  const ask = <N extends RequestName>(name: N, request: Requests[N]['request']) =>
    new Promise<Requests[N]['response']>((resolve, reject) => {
      if (reason !== null) return reject(new Error(reason));
      const id = nextId++;
      waiting.set(id, { resolve: resolve as (value: never) => void, reject });
      worker.postMessage({ id, name, request } satisfies ToHost);
    });
  const subscribe = <T>(set: Set<T>, callback: T) => {
    set.add(callback);
    return () => void set.delete(callback);
  };
  return {
    load: (request) => ask('load', request),
    input: (branchId, step, input, files) => ask('input', { branchId, step, input, files }),
    runTo: (branchId, step) => ask('runTo', { branchId, step }),
    importHistory: (text, workflowId) => ask('importHistory', { text, workflowId }),
    bench: (request) => ask('bench', request),
    onTrace: (callback) => subscribe(traceCallbacks, callback),
    onBroken(callback) {
      if (reason !== null) callback(reason);
      return subscribe(brokenCallbacks, callback);
    },
    close: () => worker.terminate(),
  };
}
