const requests: Record<string, number> = {};

export default {
  jobs: {
    async fetch(request, { ledger }) {
      const count = (requests[request.path] = (requests[request.path] ?? 0) + 1);
      if (count < 5) return { status: 503, body: 'later' };
      ledger.append({ ready: request.path, after: count });
      return { status: 200, body: `done ${request.path}` };
    },
  },
};
