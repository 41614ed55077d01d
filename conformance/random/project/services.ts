interface Ledger {
  append(entry: { [key: string]: unknown }): void;
}

/** A bank that charges once per key. */
const keys: string[] = [];

export default {
  bank: {
    latency: '20ms',
    async fetch(request: { headers: { [name: string]: string }; body: string }, { ledger }: { ledger: Ledger }) {
      const key = request.headers['idempotency-key'] ?? '';
      if (!keys.includes(key)) {
        keys.push(key);
        ledger.append({ key });
      }
      return { status: 200, body: { charged: JSON.parse(request.body).n } };
    },
  },
};
