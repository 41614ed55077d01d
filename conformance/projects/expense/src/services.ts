const states = new Map();

export default {
  expenses: {
    latency: '15ms',
    async fetch(request, { ledger }) {
      const [path, query] = request.path.split('?');
      const params = new URLSearchParams(query);
      const id = params.get('id');
      if (path === '/create') {
        states.set(id, 'CREATED');
        ledger.append({ created: id });
        return { status: 201, body: { id } };
      }
      if (states.get(id) !== 'CREATED') return { status: 404, body: 'unknown' };
      states.set(id, 'PAID');
      ledger.append({ paid: id });
      return { status: 200, body: 'ok' };
    },
  },
};
