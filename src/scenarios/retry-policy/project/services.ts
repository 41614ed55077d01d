/** A bank that is down for its first four requests, and an account that is empty for invoice "broke". */
let requests = 0;

export default {
  bank: {
    latency: '30ms',
    async fetch(request, { ledger, log }) {
      requests++;
      const { invoice } = JSON.parse(request.body);
      if (invoice === 'broke') return { status: 402, body: 'no money' };
      if (requests <= 4) {
        log(`request ${requests} refused`);
        return { status: 503, body: 'down for maintenance' };
      }
      ledger.append({ paid: invoice });
      return { status: 200, body: `paid ${invoice}` };
    },
  },
};
