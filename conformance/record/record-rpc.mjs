// Plays the scripts of `conformance/rpc` against a real Temporal server and writes its answers beside them:
// `node conformance/record/record-rpc.mjs [name…]`. Needs Go, as `record.mjs` does.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';
import { connect } from './rpc-client.mjs';
import { startServer } from './server.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const built = join(here, '../../node_modules/.cache/rpc-scripts/index.mjs');
mkdirSync(dirname(built), { recursive: true });
const names = ['index', 'normalize', 'world'];
buildSync({ stdin: { contents: names.map((name) => `export * from './${name}.ts';`).join('\n'), resolveDir: join(here, '../rpc') }, outfile: built, bundle: true, format: 'esm', platform: 'node' });
const { World, scripts, normalizeEntries } = await import(pathToFileURL(built).href);

const PORT = Number(process.env.PORT ?? 17533);
const chosen = process.argv.slice(2);
const server = process.env.TEMPORAL_ADDRESS ? { address: process.env.TEMPORAL_ADDRESS, stop: () => {} } : await startServer(PORT);
const { call, close } = connect(server.address);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
// A server that has just started refuses some calls for a moment.
for (let i = 0; i < 50 && !(await call('DescribeNamespace', { namespace: 'default' })).ok; i++) await sleep(100);
let failed = 0;
for (const [name, script] of Object.entries(scripts)) {
  if (chosen.length && !chosen.some((c) => name.startsWith(c))) continue;
  const world = new World({ begin: (rpc, request) => { const answer = call(rpc, request); return () => answer; }, wait: sleep }, name);
  try {
    await script(world);
    writeFileSync(join(here, '../rpc/answers', `${name}.json`), `[\n${normalizeEntries(world.entries).map((entry) => JSON.stringify(entry)).join(',\n')}\n]\n`);
    console.log(`${name}: ${world.entries.length} calls`);
  } catch (error) {
    failed++;
    console.error(`${name}: ${error.stack}\n${JSON.stringify(normalizeEntries(world.entries).slice(-1)).slice(0, 600)}`);
  }
}
close();
server.stop();
process.exit(failed ? 1 : 0);
