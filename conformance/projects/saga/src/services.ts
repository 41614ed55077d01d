let counter = 0;
let trouble = 1;

export default {
  bookings: {
    latency: '20ms',
    async fetch(request, { ledger, log }) {
      const body = JSON.parse(request.body);
      if (request.method === 'DELETE') {
        // The first cancellation of a hotel fails: compensations have to be retried, too.
        if (request.path === '/hotels' && trouble-- > 0) {
          log('hotel desk is closed');
          return { status: 500, body: {} };
        }
        ledger.append({ cancelled: body.ref });
        return { status: 200, body: {} };
      }
      if (request.path === '/flights' && body.trip === 'overbooked') return { status: 409, body: { error: 'no seats left' } };
      const ref = `${request.path.slice(1, -1)}-${++counter}`;
      ledger.append({ booked: ref });
      return { status: 201, body: { ref } };
    },
  },
};
