// `npm start`: works straight after `git clone`. Whatever needs a package is imported only once the packages are there.
import { ensureInstalled } from './lib/install.mjs';
import { root } from './lib/paths.mjs';

ensureInstalled();
const { prepare } = await import('./prepare.mjs');
await prepare();

const { createServer } = await import('vite');
const server = await createServer({ root, server: { port: Number(process.env.PORT ?? 5173) } });
await server.listen();
process.stdout.write('\nReplayground is served at\n');
server.printUrls();
