let busy = false;

export default {
  resource: {
    async fetch(request, { ledger, sleep }) {
      if (busy) ledger.append({ collision: request.body });
      busy = true;
      ledger.append({ enters: request.body });
      await sleep(400);
      ledger.append({ leaves: request.body });
      busy = false;
      return { status: 200 };
    },
  },
};
