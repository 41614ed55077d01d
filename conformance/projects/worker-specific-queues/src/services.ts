export default {
  files: {
    latency: '50ms',
    async fetch() {
      return { status: 200, headers: { 'content-type': 'text/plain' }, body: 'figures' };
    },
  },
};
