// Records the golden projects on a real Temporal server with the real SDK: `npm run conformance:record [-- <name>…]`.
// For each project it starts the worker, runs the client to its end, and saves every run's history as proto3 JSON
// (what `temporal workflow show --output json` prints) and what the client printed.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import client from '@temporalio/client';
import protoUtils from '@temporalio/common/lib/proto-utils.js';
import { compile, connectTo, polled, start } from './processes.mjs';
import { startServer } from './server.mjs';
import { serve } from './services.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const goldens = join(here, '../goldens');
const build = join(here, '../../node_modules/.cache/goldens');
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Runs the faults of a project (the subset of the headless format that a real machine can do: kill, start, shutdown). */
function runFaults(faults, { connection, folder, world, workers }) {
  const started = Date.now();
  const folders = {};
  const act = async ({ do: what }) => {
    if (what.kill) workers[what.kill].child.kill('SIGKILL');
    if (what.shutdown) workers[what.shutdown].child.kill('SIGTERM');
    if (what.start) {
      // As in the headless runner, `dir` holds the code from now on.
      folders[what.start] = what.dir ?? folders[what.start] ?? '.';
      workers[what.start] = start(join(folder, folders[what.start], 'worker.js'), world);
    }
  };
  const seen = async ({ event, nth = 1, workflowId }) => {
    const type = `EVENT_TYPE_${event.replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase()}`;
    try {
      const { events } = JSON.parse(protoUtils.historyToJSON(await connection.workflow.getHandle(workflowId).fetchHistory()));
      return events.filter((e) => e.eventType === type).length >= nth;
    } catch {
      return false;
    }
  };
  let stopped = false;
  const loop = async () => {
    let waiting = [...faults];
    while (waiting.length && !stopped) {
      for (const fault of waiting) {
        const due = fault.when.at ? Date.now() - started >= Number.parseFloat(fault.when.at) * 1000 : await seen(fault.when);
        if (!due) continue;
        waiting = waiting.filter((other) => other !== fault);
        await act(fault);
      }
      await sleep(10);
    }
  };
  void loop();
  return () => (stopped = true);
}

/** What a golden says of itself in `golden.json`: a project elsewhere, its task queue, its workers, arguments of the client, seconds it may take. */
const settingsOf = (folder) => (existsSync(join(folder, 'golden.json')) ? JSON.parse(readFileSync(join(folder, 'golden.json'), 'utf8')) : {});

async function record(name, address, connection) {
  const folder = join(goldens, name);
  const out = join(build, name);
  const { project = '.', taskQueue = name, workers: files = ['worker.ts'], clientArgs = [], within = 90 } = settingsOf(folder);
  compile(join(folder, project), out);
  const servicesFile = join(out, 'services.js');
  const services = existsSync(servicesFile) ? await serve(createRequire(servicesFile)(servicesFile).default) : null;
  const world = { address, servicesUrl: services?.url };
  const began = new Date().toISOString();
  const workers = Object.fromEntries(files.map((file, i) => [`worker-${i + 1}`, start(join(out, file.replace('.ts', '.js')), world)]));
  // A worker polls once it has bundled its workflows; the sim starts its clients only then, too.
  if (!existsSync(join(folder, 'no-wait'))) await polled(connection, taskQueue);
  await sleep(300);
  const faultsFile = join(folder, 'faults.json');
  const stopFaults = existsSync(faultsFile) ? runFaults(JSON.parse(readFileSync(faultsFile, 'utf8')), { connection, folder: out, world, workers }) : () => {};
  const caller = start(join(out, 'client.js'), { ...world, args: clientArgs });
  const exitCode = await Promise.race([caller.ended, sleep(within * 1000).then(() => 'timed out')]);
  if (exitCode === 'timed out') caller.child.kill('SIGKILL');
  stopFaults();
  await sleep(700);
  for (const { child } of Object.values(workers)) child.kill('SIGKILL');
  services?.stop();
  await save(folder, connection, began);
  writeFileSync(join(folder, 'client.log'), clean(`${caller.lines.join('\n')}\n`));
  return { exitCode, lines: caller.lines };
}

/** Takes this machine out of what is kept: folders in stack traces, host names and process ids in identities. */
const clean = (text) => text.replaceAll(build, '/goldens').replaceAll(join(here, '../..'), '').replace(/\b\d+@[\w.-]+/g, '1@host');

/** Writes `history.<workflowId>.json`, or with several runs `history.<workflowId>.<n>.json`, the oldest first. */
async function save(folder, connection, began) {
  for (const file of readdirSync(folder)) if (/^history\..*json$/.test(file)) rmSync(join(folder, file));
  const runs = [];
  for await (const info of connection.workflow.list({ query: `StartTime >= '${began}'` })) runs.push(info);
  const byId = new Map();
  // Not by the time of the first event: a reset run carries a copy of the old one.
  runs.sort((a, b) => a.startTime - b.startTime);
  for (const { workflowId, runId } of runs) {
    const history = JSON.parse(protoUtils.historyToJSON(await connection.workflow.getHandle(workflowId, runId).fetchHistory()));
    byId.set(workflowId, [...(byId.get(workflowId) ?? []), history]);
  }
  for (const [workflowId, histories] of byId) {
    histories.forEach((history, i) => {
      const file = `history.${workflowId.replace(/[^\w.-]/g, '_')}${histories.length > 1 ? `.${i + 1}` : ''}.json`;
      writeFileSync(join(folder, file), `${clean(JSON.stringify(history, null, 1))}\n`);
    });
  }
}

const wanted = process.argv.slice(2);
const names = readdirSync(goldens, { withFileTypes: true }).filter((e) => e.isDirectory() && (!wanted.length || wanted.includes(e.name))).map((e) => e.name);
const server = await startServer(Number(process.env.TEMPORAL_PORT ?? 7233));
let failed = 0;
try {
  const connection = new client.Client({ connection: await connectTo(client, server.address) });
  for (const name of names) {
    const { exitCode, lines } = await record(name, server.address, connection);
    console.log(`${exitCode === 0 ? 'ok    ' : 'FAILED'} ${name}`);
    if (process.env.VERBOSE || exitCode !== 0) console.log(lines.map((line) => `         ${line}`).join('\n'));
    if (exitCode !== 0) failed++;
  }
} finally {
  server.stop();
}
process.exit(failed ? 1 : 0);
