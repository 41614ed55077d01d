export default {
  slow: {
    async fetch(request, { sleep }) {
      await sleep(60_000);
      return { status: 200, body: 'at last' };
    },
  },
};
