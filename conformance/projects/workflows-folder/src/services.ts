export default {
  mail: {
    async fetch(request, { ledger }) {
      ledger.append(JSON.parse(request.body));
      return { status: 202 };
    },
  },
};
