import { random as draw, randomUUID } from './globals/random.ts';
import { formatLog } from './globals/console.ts';
import { sleep } from './globals/timers.ts';
import { kernel } from './kernel.ts';
import { parseMs } from '../../../base/ms.ts';

/**
 * An external service's process: one property of the default export of services.ts. Each request runs its `fetch`; what it throws is
 * a 500. The ledger lies outside the process, as a real effect does: it survives kills and is never rolled back.
 */

interface ServiceRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
}
interface ServiceDefinition {
  readonly latency?: string | number;
  fetch(request: ServiceRequest, tools: object): unknown;
}
interface Reply {
  readonly status?: number;
  readonly headers?: { readonly [name: string]: unknown };
  readonly body?: unknown;
}
type LedgerEntry = { readonly [key: string]: unknown };

/** Milliseconds each way when a service names no latency. */
const DEFAULT_LATENCY = 5;

/** The ledger as the process knows it; the engine's is the true one and gives it back at boot. */
const entries: LedgerEntry[] = [];

function append(entry: LedgerEntry): void {
  const { at, ...rest } = JSON.parse(JSON.stringify(entry)) as LedgerEntry;
  const stored = at === undefined ? rest : { ...rest, at };
  entries.push({ at: new Date(kernel.now()).toISOString(), ...stored });
  kernel.emit({ op: 'ledger', entry: stored });
}

const toText = (body: unknown): string => (body === undefined || body === null ? '' : typeof body === 'string' ? body : JSON.stringify(body));

function replyOf(value: unknown): { status: number; headers: Record<string, string>; body: string } {
  const reply = (typeof value === 'object' && value !== null ? value : { body: value }) as Reply;
  const headers: Record<string, string> = {};
  for (const [name, text] of Object.entries(reply.headers ?? {})) headers[name.toLowerCase()] = String(text);
  if (reply.body !== undefined && reply.body !== null) headers['content-type'] ??= typeof reply.body === 'string' ? 'text/plain;charset=UTF-8' : 'application/json';
  return { status: reply.status ?? 200, headers, body: toText(reply.body) };
}

const ledger = { append, entries: (): LedgerEntry[] => structuredClone(entries) };
const tools = {
  ledger,
  random: draw,
  uuid: randomUUID,
  sleep: (duration: string | number) => sleep(Math.max(1, parseMs(duration))),
  log: (...values: unknown[]) => kernel.emit({ op: 'log', level: 'INFO', text: formatLog(values) }),
};

/** Serves with a definition. Its latency is told to the engine, which delays both ways. */
export function serve(definition: ServiceDefinition, past: readonly LedgerEntry[]): void {
  if (typeof definition?.fetch !== 'function') throw new TypeError('services.ts: a service needs a function `fetch`');
  entries.push(...past);
  kernel.hold();
  kernel.emit({ op: 'serving', latency: definition.latency === undefined ? DEFAULT_LATENCY : parseMs(definition.latency) });
  kernel.on('request', (message: { id: number; request: ServiceRequest }) => {
    const respond = (response: object): void => kernel.emit({ op: 'respond', id: message.id, response });
    void (async () => definition.fetch(message.request, tools))().then(
      (value) => respond(replyOf(value)),
      (error: unknown) => {
        kernel.emit({ op: 'log', level: 'ERROR', text: formatLog([error]) });
        respond({ status: 500, headers: { 'content-type': 'text/plain;charset=UTF-8' }, body: error instanceof Error ? error.message : String(error) });
      },
    );
  });
}
