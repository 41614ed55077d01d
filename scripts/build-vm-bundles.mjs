// Writes build/vm/workflow.js and build/vm/process.js: all that a VM has loaded before project code comes, as one script each, with
// async functions lowered so that every await is a `.then()` (src/engine/sandbox/vm/async.ts needs that).
//
// esbuild lowers them. Its microtask order is V8's except for `yield*` in an async generator, so such code is refused here (project code
// is lowered by TypeScript, which has no exception; see src/compile).
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { buildDirectory, root } from './lib/paths.mjs';

const runtime = 'src/engine/process/runtime';

/** The bundles, and what stands in for what. A key is an import specifier (`x/*`: all below it), a file below node_modules or one of ours. */
const bundles = {
  workflow: {
    entry: 'src/engine/sandbox/vm/workflow-entry.ts',
    aliases: {
      __temporal_custom_payload_converter: 'generated:customConverters',
      __temporal_custom_failure_converter: 'generated:customConverters',
      'src/api/descriptors.ts': 'generated:workflowDescriptors',
    },
  },
  process: {
    entry: `${runtime}/entry.ts`,
    aliases: {
      '@temporalio/proto': `${runtime}/client/proto.ts`,
      '@temporalio/proto/lib/payload-visitor.generated': `${runtime}/client/payload-visitor.ts`,
      '@temporalio/proto/*': 'generated:empty',
      '@temporalio/common/lib/converter/protobuf-payload-converters.js': `${runtime}/client/protobuf-converters.ts`,
      '@temporalio/common/lib/internal-non-workflow/data-converter-helpers.js': 'generated:dataConverterHelpers',
      '@grpc/grpc-js': `${runtime}/client/grpc.ts`,
      'protobufjs/*': 'generated:empty',
      protobufjs: 'generated:empty',
      assert: `${runtime}/builtin/assert.ts`,
      async_hooks: `${runtime}/builtin/async-hooks.ts`,
      crypto: `${runtime}/builtin/crypto.ts`,
      events: `${runtime}/builtin/events.ts`,
      fs: `${runtime}/builtin/fs.ts`,
      os: `${runtime}/builtin/os.ts`,
      path: `${runtime}/builtin/path.ts`,
      perf_hooks: `${runtime}/builtin/perf-hooks.ts`,
      process: `${runtime}/builtin/process.ts`,
      'timers/promises': `${runtime}/builtin/timers-promises.ts`,
      url: `${runtime}/builtin/url.ts`,
      util: `${runtime}/builtin/util.ts`,
    },
  },
};

/** Modules that are made here. */
const generated = {
  /** The SDK reads these once per workflow; the entry module sets `__TEMPORAL__`. */
  customConverters: () => `
for (const name of ['payloadConverter', 'failureConverter']) {
  Object.defineProperty(exports, name, { enumerable: true, get: () => globalThis.__TEMPORAL__[name]() });
}`,
  workflowDescriptors,
  /** The SDK's own text; the converter that it requires by path is a module of the project. */
  dataConverterHelpers() {
    const path = join(root, 'node_modules/@temporalio/common/lib/internal-non-workflow/data-converter-helpers.js');
    const text = readFileSync(path, 'utf8');
    const own = text.replace('require(path)', 'globalThis.__requireProject(path)').replaceAll('require("../', 'require("@temporalio/common/lib/');
    if (own.split('__requireProject').length !== 2) throw new Error(`${path} has changed`);
    return own;
  },
  empty: () => 'module.exports = {};',
};

const directory = `${buildDirectory}/vm`;
mkdirSync(directory, { recursive: true });
for (const [name, { entry, aliases }] of Object.entries(bundles)) {
  if (!existsSync(join(root, entry))) {
    process.stderr.write(`${entry} is missing: ${name}.js is a stub\n`);
    writeFileSync(`${directory}/${name}.js`, 'globalThis.__kernel = {};');
    continue;
  }
  const code = withOwnNames(withSdkParts(await bundle(entry, aliases)));
  if (code.includes('__yieldStar')) throw new Error(`${name}: an async generator uses yield*, which esbuild does not lower exactly`);
  writeFileSync(`${directory}/${name}.js`, code);
  process.stderr.write(`${name}.js ${kb(code.length)} KB, ${kb(gzipSync(code, { level: 9 }).length)} KB gzipped\n`);
}

/**
 * @param {string} entry
 * @param {Record<string, string>} aliases
 */
async function bundle(entry, aliases) {
  const result = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'neutral',
    mainFields: ['main'],
    target: 'es2022',
    supported: { 'async-await': false, 'async-generator': false, 'for-await': false },
    // Names stay: they are error types and show in stack traces.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    logLevel: 'warning',
    plugins: [aliasPlugin(aliases)],
  });
  return withOwnAsync(result.outputFiles[0]?.text ?? '');
}

/**
 * esbuild's helper for lowered async functions, replaced by ours (vm/async.ts).
 * @param {string} code
 */
function withOwnAsync(code) {
  const helper = /var __async=\(__this,__arguments,generator\)=>new Promise\(.*?step\(\(generator=generator\.apply\(__this,__arguments\)\)\.next\(\)\)\}\)/;
  if (!helper.test(code)) throw new Error('the helper of esbuild for async functions looks different');
  return code.replace(helper, 'var __async=(self,args,body)=>globalThis.__async(self,args,body)');
}

/** @param {Record<string, string>} aliases */
function aliasPlugin(aliases) {
  const targetOf = (/** @type {string} */ specifier) => {
    const bare = specifier.replace(/^node:/, '');
    if (bare in aliases) return aliases[bare];
    const below = Object.keys(aliases).find((key) => key.endsWith('/*') && bare.startsWith(key.slice(0, -1)));
    return below === undefined ? undefined : aliases[below];
  };
  return {
    name: 'aliases',
    setup(/** @type {import('esbuild').PluginBuild} */ build) {
      build.onResolve({ filter: /.*/ }, async (args) => {
        if (args.pluginData?.resolving || args.kind === 'entry-point') return undefined;
        let target = targetOf(args.path);
        if (target === undefined && args.path.startsWith('.')) {
          const resolved = await build.resolve(args.path, { kind: args.kind, resolveDir: args.resolveDir, importer: args.importer, pluginData: { resolving: true } });
          const file = resolved.path.replaceAll('\\', '/');
          target = targetOf(file.includes('node_modules/') ? (file.split('node_modules/').at(-1) ?? '') : relative(root, resolved.path).replaceAll('\\', '/'));
        }
        if (target === undefined) return undefined;
        if (target.startsWith('generated:')) return { path: target.slice('generated:'.length), namespace: 'generated' };
        const path = join(root, target);
        if (path === args.importer) return undefined;
        if (existsSync(path)) return { path };
        process.stderr.write(`${args.path} should be ${target}, which is missing\n`);
        return { path: 'empty', namespace: 'generated' };
      });
      build.onLoad({ filter: /.*/, namespace: 'generated' }, async ({ path }) => ({ contents: await generated[path](), loader: 'js', resolveDir: root }));
    },
  };
}

/**
 * esbuild numbers what has the same name in two modules, and underlines what refers to itself. The class of an error is the type of its
 * failure, so classes get their names back.
 * @param {string} code
 */
function withOwnNames(code) {
  const name = (/** @type {string} */ text, /** @type {string} */ own) => `${text}static{Object.defineProperty(this,"name",{value:"${own}",configurable:true})}`;
  return code
    .replace(/\bclass _([A-Z]\w*?)\d*(?: extends [\w.$]+)?\{/g, name)
    .replace(/\b(?:class ([A-Z]\w*?)\d+|([A-Z]\w*?)\d+=class)(?: extends [\w.$]+)?\{/g, (text, declared, assigned) => name(text, declared ?? assigned));
}

/**
 * Fills in the table of src/engine/sandbox/vm/sdk-parts.ts. Projects and tests import files of the SDK that it does not document.
 * @param {string} code
 */
function withSdkParts(code) {
  const table = [...code.matchAll(/\b(require_\w+)=__commonJS\(\{"node_modules\/(@temporalio\/\w+\/lib\/[^"]+)\.js"/g)].map(([, load, specifier]) => `${JSON.stringify(specifier)}:()=>${load}()`);
  const [before, after, ...more] = code.split('SDK_PARTS:()=>null');
  if (table.length === 0 || after === undefined || more.length > 0) throw new Error('the bundle looks different');
  return before + table.join() + after;
}

function kb(/** @type {number} */ bytes) {
  return Math.round(bytes / 1024);
}

/** src/api/descriptors.ts, cut to the messages between Core and workflow. */
async function workflowDescriptors() {
  const { outputFiles } = await build({ absWorkingDir: root, entryPoints: ['src/api/descriptors.ts'], write: false, format: 'esm' });
  const { messageFields, enumValues } = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0]?.contents ?? '').toString('base64')}`);
  const messages = {};
  const enums = {};
  const open = ['WorkflowActivation', 'WorkflowActivationCompletion'];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name in messages) continue;
    messages[name] = messageFields[name];
    for (const code of Object.values(messageFields[name])) {
      const type = code.slice(2);
      if (code[1] === 'm') open.push(type);
      if (code[1] === 'e') enums[type] = enumValues[type];
    }
  }
  return `export const messageFields = ${JSON.stringify(messages)}; export const enumValues = ${JSON.stringify(enums)};`;
}
