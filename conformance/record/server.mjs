// Builds (once) and starts a real Temporal development server. Needs Go and a Go module proxy; nothing else here does.
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const cache = join(here, '../../node_modules/.cache/temporal-dev');
/** The version of the temporal CLI, which pins the server's (1.32.0). */
const CLI = 'github.com/temporalio/cli@v1.9.1';

/** The server's program: `TEMPORAL_DEV_SERVER` if set, or our own build. */
const binary = process.env.TEMPORAL_DEV_SERVER ?? join(cache, 'temporal-dev');

/** Whether a server can be started without being built. */
export const hasServer = () => existsSync(binary);

function buildServer() {
  if (process.env.TEMPORAL_DEV_SERVER || hasServer()) return binary;
  const module = join(cache, 'cli');
  const { Dir } = JSON.parse(execFileSync('go', ['mod', 'download', '-json', CLI], { encoding: 'utf8' }));
  rmSync(module, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  cpSync(Dir, module, { recursive: true });
  execFileSync('chmod', ['-R', 'u+w', module]);
  // Only package devserver is wanted; the rest of the module needs a nested module that the proxy does not have.
  for (const folder of ['internal/temporalcli', 'internal/cmd', 'internal/commandsgen', 'cmd']) rmSync(join(module, folder), { recursive: true, force: true });
  const mod = join(module, 'go.mod');
  writeFileSync(mod, readFileSync(mod, 'utf8').split('\n').filter((line) => !/cliext/.test(line)).join('\n'));
  cpSync(join(here, 'server/main.go'), join(module, 'cmd/dev/main.go'));
  execFileSync('go', ['build', '-o', binary, './cmd/dev'], { cwd: module, stdio: 'inherit', env: { ...process.env, GOFLAGS: '-mod=mod -buildvcs=false' } });
  return binary;
}

const reachable = (port) =>
  new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' }, () => (socket.destroy(), resolve(true)));
    socket.on('error', () => resolve(false));
  });

/** Starts the server and waits until it listens. Call `stop` to end it. */
export async function startServer(port) {
  const child = spawn(buildServer(), [String(port)], { stdio: ['ignore', 'ignore', process.env.SERVER_LOG ? 'inherit' : 'ignore'] });
  for (let i = 0; i < 300; i++) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
    if (await reachable(port)) return { address: `127.0.0.1:${port}`, stop: () => child.kill('SIGKILL') };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  child.kill('SIGKILL');
  throw new Error('the server did not listen within 30 s');
}
