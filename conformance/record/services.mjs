// The simulated services of a project (`services.ts`), served over HTTP so that its workers reach them on a real machine.
import { createServer } from 'node:http';

/** Serves `http://127.0.0.1:<port>/<service>/<path>`; a worker gets there through `fetch-hook.cjs`. */
export async function serve(services) {
  const server = createServer((request, response) => void answer(request, response));
  const answer = async (request, response) => {
    const [, name, rest = ''] = /^\/([^/]+)(\/.*)?$/.exec(request.url) ?? [];
    const service = services[name];
    let body = '';
    for await (const chunk of request) body += chunk;
    if (!service) return void response.writeHead(404).end();
    await new Promise((resolve) => setTimeout(resolve, Number.parseFloat(service.latency ?? '0')));
    const url = new URL(rest, 'http://service');
    const result = await service.fetch(
      { method: request.method, path: url.pathname, query: Object.fromEntries(url.searchParams), headers: request.headers, body },
      { ledger: { append: () => {} }, log: () => {} },
    );
    response.writeHead(result.status ?? 200).end(typeof result.body === 'string' ? result.body : JSON.stringify(result.body ?? null));
  };
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, stop: () => server.close() };
}
