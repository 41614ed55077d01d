// Serves dist/ as a static host does, under a sub-path: node scripts/serve.mjs [--base /some/sub-path/] [--port 4173] [--dir dist]
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { distDirectory } from './lib/paths.mjs';

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain; charset=utf-8',
};

/**
 * @param {{ base?: string, port?: number, dir?: string }} options port 0 picks a free one; dir is the folder with the build
 * @returns {Promise<{ url: string, close: () => Promise<void> }>}
 */
export async function serveDist({ base = '/', port = 0, dir = distDirectory } = {}) {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    const file = path.startsWith(base) ? join(dir, normalize(`/${path.slice(base.length)}`)) : undefined;
    const found = file === undefined ? undefined : [file, join(file, 'index.html')].find((name) => existsSync(name) && statSync(name).isFile());
    if (found === undefined) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('not found\n');
      return;
    }
    response.writeHead(200, {
      'content-type': types[extname(found)] ?? 'application/octet-stream',
      'cache-control': 'no-cache',
    });
    createReadStream(found).pipe(response);
  });
  await new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', () => resolve(undefined)));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://127.0.0.1:${address.port}${base}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { values } = parseArgs({ options: { base: { type: 'string', default: '/' }, port: { type: 'string', default: '4173' }, dir: { type: 'string', default: distDirectory } } });
  const { url } = await serveDist({ base: values.base, port: Number(values.port), dir: resolve(values.dir) });
  process.stdout.write(`Replayground is served at ${url}\n`);
}
