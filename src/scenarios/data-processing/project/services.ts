/** The outside world: what is written here really happened. */
export default {
  warehouse: {
    latency: '40ms',
    async fetch(request, { ledger }) {
      const { output } = JSON.parse(request.body);
      ledger.append({ stored: output });
      return { status: 201, body: { ok: true } };
    },
  },
};
