// Replays histories with the genuine worker. One JSON request a line on stdin, one answer a line on stdout:
// {id, workflowsPath, code, items: [{history, workflowId}]} → {id, index, error: null | {name, message}} for each item, then {id, done: true}.
// Malformed histories can panic native code and never resolve: the parent kills this process after its time limit.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from '@temporalio/worker';

const here = dirname(fileURLToPath(import.meta.url));
const cache = join(here, '../node_modules/.cache/genuine-bundles');
const quiet = new DefaultLogger('ERROR', () => {});
Runtime.install({ logger: quiet, telemetryOptions: { logging: { forward: {}, filter: 'OFF' } } });
process.on('uncaughtException', () => {});
process.on('unhandledRejection', () => {});

/** Everything a bundle is made of: the TypeScript and JavaScript files in the folder of the workflows. */
function sourcesOf(folder) {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => /\.[cm]?[jt]s$/.test(name) && !name.includes('node_modules'))
    .sort()
    .map((name) => `${name}\n${readFileSync(join(folder, name), 'utf8')}`)
    .join('\n');
}

const bundles = new Map();
/** The bundle, kept on disk by the hash of its sources: making one takes over a second. */
async function bundleOf(workflowsPath, { dataConverterModule: _, ...options }) {
  const folder = statSync(workflowsPath).isDirectory() ? workflowsPath : dirname(workflowsPath);
  const key = createHash('sha256').update(`1.24.0\n${workflowsPath.slice(folder.length)}\n${JSON.stringify(options)}\n${sourcesOf(folder)}`).digest('hex').slice(0, 32);
  let code = bundles.get(key);
  if (!code) {
    const file = join(cache, `${key}.js`);
    if (existsSync(file)) code = readFileSync(file, 'utf8');
    else {
      ({ code } = await bundleWorkflowCode({ workflowsPath, ...options, logger: quiet }));
      mkdirSync(cache, { recursive: true });
      writeFileSync(file, code);
    }
    bundles.set(key, code);
  }
  return { code };
}

/** What `getDataConverter()` of a TypeScript module gives. */
async function dataConverterOf(module) {
  const { outputFiles } = await build({ entryPoints: [module], bundle: true, packages: 'external', platform: 'node', format: 'cjs', write: false });
  const file = join(cache, `${createHash('sha256').update(outputFiles[0].contents).digest('hex').slice(0, 32)}.cjs`);
  mkdirSync(cache, { recursive: true });
  writeFileSync(file, outputFiles[0].contents);
  return (await import(pathToFileURL(file).href)).default.getDataConverter();
}

const answer = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

/** Replays the items from an index on with one worker, whose start takes longer than a replay. Returns where that worker ended. */
async function replayFrom(options, items, from, verdict) {
  let index = from;
  const given = items.slice(from).map(({ history, workflowId }) => ({ history, workflowId: workflowId ?? 'fake' }));
  try {
    for await (const { error } of Worker.runReplayHistories(options, given)) verdict(index++, error ?? null);
  } catch (e) {
    // A history that it cannot read ends the worker; what comes after the last history does not matter.
    if (index < items.length) verdict(index++, e);
  }
  return index;
}

async function handle({ id, workflowsPath, code, items }) {
  try {
    const workflowBundle = await bundleOf(workflowsPath, code);
    const dataConverter = code.dataConverterModule ? await dataConverterOf(code.dataConverterModule) : undefined;
    answer({ id, bundled: true });
    const options = { workflowBundle, ...(dataConverter ? { dataConverter } : {}) };
    for (let index = 0; index < items.length; ) index = await replayFrom(options, items, index, (at, e) => answer({ id, index: at, error: e && { name: e.name, message: String(e.message) } }));
  } catch (e) {
    answer({ id, failed: String(e?.stack ?? e) });
    return;
  }
  answer({ id, done: true });
}

let queue = Promise.resolve();
createInterface({ input: process.stdin }).on('line', (line) => {
  queue = queue.then(() => handle(JSON.parse(line)));
});
