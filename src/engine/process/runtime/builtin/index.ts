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
  // These are not among what the package exports.
  '@temporalio/common/lib/encoding': () => require('@temporalio/common/lib/encoding'),
  '@temporalio/common/lib/time': () => require('@temporalio/common/lib/time'),
  '@temporalio/common/lib/type-helpers': () => require('@temporalio/common/lib/type-helpers'),
  '@temporalio/envconfig': () => require('@temporalio/envconfig'),
  '@temporalio/proto': () => require('../client/proto.ts'),
  '@temporalio/worker': () => require('../worker-module/index.ts'),
  // Clients import workflow files for their functions' names and types, which brings their imports along.
  '@temporalio/workflow': () => require('@temporalio/workflow'),
};
