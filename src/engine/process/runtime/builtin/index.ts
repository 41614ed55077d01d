import process from './process.ts';

/**
 * What project code may import besides its own files, by name without `node:`. Modules are evaluated when first asked for; the client
 * and the activity SDK are warmed up in the heap template (entry.ts).
 */
export const builtins: { readonly [name: string]: () => any } = {
  assert: () => require('../../../sandbox/vm/assert.ts').default,
  'assert/strict': () => require('../../../sandbox/vm/assert.ts').strict,
  async_hooks: () => require('./async-hooks.ts').default,
  buffer: () => require('buffer/'),
  // What parses command lines asks for it and starts nothing.
  child_process: () => Object.fromEntries(['exec', 'execFile', 'execFileSync', 'execSync', 'fork', 'spawn', 'spawnSync'].map((name) => [name, () => {
    throw new Error(`child_process.${name} is not available: a simulated process starts no others`);
  }])),
  crypto: () => require('./crypto.ts').default,
  events: () => require('./events.ts').default,
  fs: () => require('./fs.ts').default,
  'fs/promises': () => require('./fs.ts').promises,
  os: () => require('./os.ts').default,
  path: () => require('./path.ts').default,
  'path/posix': () => require('./path.ts').default,
  perf_hooks: () => require('./perf-hooks.ts').default,
  process: () => process,
  timers: () => require('./timers.ts').default,
  'timers/promises': () => require('./timers-promises.ts').default,
  // What a process prints goes to a log.
  tty: () => ({ isatty: () => false }),
  url: () => require('./url.ts').default,
  util: () => require('./util.ts').default,
  'util/types': () => require('./util.ts').types,
  ms: () => require('ms'),
  nanoid: () => require('nanoid'),
  uuid: () => require('uuid'),
  '@temporalio/activity': () => require('@temporalio/activity'),
  '@temporalio/client': () => require('@temporalio/client'),
  '@temporalio/common': () => require('@temporalio/common'),
  // Whoever prints its SDK's version imports it.
  '@temporalio/worker/lib/pkg': () => ({ __esModule: true, default: { name: '@temporalio/worker', version: require('@temporalio/client/lib/pkg').default.version } }),
  '@temporalio/envconfig': () => require('@temporalio/envconfig'),
  '@temporalio/proto': () => require('../client/proto.ts'),
  '@temporalio/worker': () => require('../worker-module/index.ts'),
  // Clients import workflow files for their functions' names and types, which brings their imports along.
  '@temporalio/workflow': () => require('@temporalio/workflow'),
};
