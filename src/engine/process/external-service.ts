import { durationMs, type DurationMs, type ProcessId } from '../../base/brand.ts';
import { formatTimestamp } from '../../base/time.ts';
import type { ExternalServicePort, FetchRequest, FetchResponse } from '../ports.ts';
import { Process } from './process.ts';
import type { BootInfo, Op } from './runtime/kernel.ts';

type LedgerEntry = { readonly [key: string]: unknown };

/**
 * A system outside of Temporal: one service of `services.ts`. Its variables die with the process; its ledger does not, because an
 * effect in the world is not undone by a crash.
 */
export class ExternalServiceProcess extends Process implements ExternalServicePort {
  #latency = durationMs(5);
  readonly #ledger: LedgerEntry[] = [];

  get latency(): DurationMs {
    return this.#latency;
  }

  onRequest(requestId: number, _from: ProcessId, request: FetchRequest): void {
    this.deliver({ type: 'request', id: requestId, request });
  }

  protected override bootExtras(): Partial<BootInfo> {
    return { ledger: this.#ledger };
  }

  protected override handleOp(op: Op): void {
    switch (op.op) {
      case 'serving':
        this.#latency = durationMs(op['latency'] as number);
        return;
      case 'ledger': {
        const entry = op['entry'] as LedgerEntry;
        this.#ledger.push({ at: formatTimestamp(this.host.now()), ...entry });
        this.host.emit({ type: 'ledger', service: this.spec.serviceName ?? this.id, at: this.host.now(), entry });
        return;
      }
      case 'respond':
        this.host.respond(this.id, op['id'] as number, op['response'] as FetchResponse);
        return;
      default:
        super.handleOp(op);
    }
  }
}
