import './early.ts';
import './globals/index.ts';
import './errors.ts';
import '../../sandbox/vm/quick-sdk.ts';
import { takeUnhandledRejections } from '../../sandbox/vm/async.ts';
import { createLoader } from '../../sandbox/vm/modules.ts';
import { sdkPart } from '../../sandbox/vm/sdk-parts.ts';
import { builtins } from './builtin/index.ts';
import { entrances, kernel, lifecycle } from './kernel.ts';
import { serve } from './service.ts';

/** The script that the process template has loaded: kernel, globals, built-ins, and the SDK's packages. */

const loader = createLoader((name, importer) => {
  const bare = name.replace(/^node:/, '');
  // A file inside a package of the SDK; what it exports, the package exports too.
  const load = Object.hasOwn(builtins, bare) ? builtins[bare] : sdkPart(bare) ?? builtins[/^(@temporalio\/\w+)\/lib\//.exec(bare)?.[1] ?? ''];
  if (load) return load();
  throw Object.assign(new Error(`Cannot find module '${name}'\nRequire stack:\n- /app/${importer}`), { code: 'MODULE_NOT_FOUND' });
});

lifecycle.unhandledRejections = takeUnhandledRejections;
lifecycle.main = (boot) => {
  const exports = loader.require(boot.entry);
  // A module with a top-level await keeps the process only while something is pending, as in Node.
  const pending = loader.pending(boot.entry);
  if (boot.serviceName === undefined) {
    void pending;
    return;
  }
  const name = boot.serviceName;
  const start = (): void => serve((exports.default ?? exports)[name], boot.ledger ?? []);
  if (pending) void pending.then(start);
  else start();
};

(globalThis as any).__kernel = entrances;
// For the SDK: `payloadConverterPath` names a module of the project (see scripts/build-vm-bundles.mjs).
Object.defineProperty(globalThis, '__requireProject', { value: (path: string) => loader.require(path) });

// In the template, so that no process pays for it: nearly every one uses them.
for (const name of ['@temporalio/common', '@temporalio/client', '@temporalio/activity']) builtins[name]?.();
void kernel;
