const seen: Record<string, string> = {};

/** Does the work once per key and gives the same answer each time. Without a key nothing can be recognised. */
function once(key: string | undefined, work: () => string): string {
  return key === undefined ? work() : (seen[key] ??= work());
}

/** The outside world: what is written into a ledger really happened. */
export default {
  stock: {
    latency: '120ms',
    async fetch(request, { ledger }) {
      const { orderId } = JSON.parse(request.body);
      const body = once(request.headers['idempotency-key'], () => {
        const parcel = request.path === '/parcels';
        ledger.append(parcel ? { shipped: 'item 4711', for: orderId } : { reserved: 'item 4711', for: orderId });
        return parcel ? 'parcel sent' : 'item 4711';
      });
      return { status: 200, body };
    },
  },
  payments: {
    latency: '80ms',
    async fetch(request, { ledger }) {
      const { orderId } = JSON.parse(request.body);
      const body = once(request.headers['idempotency-key'], () => {
        ledger.append({ charged: 49, for: orderId });
        return 'paid 49';
      });
      return { status: 200, body };
    },
  },
};
