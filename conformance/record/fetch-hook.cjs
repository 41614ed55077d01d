// Preloaded into recorded workers: `http://<service>/…` goes to the services that the recorder serves.
const { fetch } = globalThis;
const base = process.env.SERVICES_URL;
if (base) globalThis.fetch = (url, init) => fetch(String(url).replace(/^http:\/\/([\w-]+)(?=\/|$)/, `${base}/$1`), init);
