/** What import specifiers mean, as Node and TypeScript find it, over a set of files that is plain text. */

/** Text of a file of the project or of its node_modules; null when there is none. */
export type ReadFile = (path: string) => string | null;

export type Target =
  | { readonly kind: 'module'; readonly path: string }
  | { readonly kind: 'builtin'; readonly name: string; readonly ofPackage?: true }
  | { readonly kind: 'refused'; readonly reason: string };

/** Modules that the VMs bring along. Which of them a kind of process has, it says itself. */
const BUILTINS = new Set(['assert', 'assert/strict', 'async_hooks', 'crypto', 'events', 'path', 'process', 'timers', 'timers/promises', 'url', 'util', 'ms', 'nanoid', 'uuid']);
const TEMPORAL_PACKAGES = new Set(['@temporalio/workflow', '@temporalio/activity', '@temporalio/client', '@temporalio/worker', '@temporalio/common', '@temporalio/envconfig', '@temporalio/proto']);
/** Parts of the SDK that need protobufjs, which projects with protobuf payloads bring along: they are the project's own modules. */
const PROTOBUF_PARTS = new Set(['@temporalio/common/lib/protobufs', '@temporalio/common/lib/converter/protobuf-payload-converters', '@temporalio/proto/lib/patch-protobuf-root']);
const NODE_MODULES = new Set(
  ('_http_agent buffer child_process cluster console constants crypto dgram diagnostics_channel dns dns/promises domain fs fs/promises http http2 https inspector module net os ' +
    'path/posix path/win32 perf_hooks punycode querystring readline readline/promises repl stream stream/promises stream/web string_decoder sys test tls trace_events tty v8 vm wasi worker_threads zlib').split(' '),
);

/** Those of them that the VM of a process has all the same, for the SDK: packages may probe what they like, project code is told at once what will not work. */
const OF_PACKAGES = new Set(['buffer', 'child_process', 'fs', 'fs/promises', 'os', 'path/posix', 'perf_hooks', 'tty', 'util/types']);

const EXTENSIONS = ['.ts', '.tsx', '.mts', '.cts', '.js', '.mjs', '.cjs', '.json'];

/** Path aliases of tsconfig.json: pattern → targets, relative to the project. */
export type Aliases = { readonly [pattern: string]: readonly string[] };

/** What the specifier means in a bundle of workflows; `empty`: a package goes without that module in browsers. */
export type BundleTarget = Target | { readonly kind: 'empty' };

/**
 * Finds what a specifier means to the genuine bundler, whose webpack builds for the web: conditions and fields of a package.json that are
 * meant for browsers count. No module of Node is replaced that way: the bundler refuses it by its name, unless code asks webpack not to look.
 */
export function resolveForBundle(specifier: string, importer: string, isImport: boolean, read: ReadFile, aliases: Aliases): BundleTarget {
  const bare = specifier.replace(/^node:/, '');
  if (specifier.startsWith('node:') || NODE_MODULES.has(bare)) {
    const unseen = new RegExp(`webpackIgnore: *true *\\*/ *['"]${specifier}['"]`).test(read(importer) ?? '');
    return unseen ? resolve(specifier, importer, read, aliases) : { kind: 'builtin', name: bare };
  }
  const replaced = replacedForBrowsers(specifier.startsWith('.') ? join(dirname(importer), specifier) : specifier, importer, read);
  if (replaced === false) return { kind: 'empty' };
  const target = replaced === null ? resolve(specifier, importer, read, aliases, isImport ? IMPORTED_IN_BUNDLE : REQUIRED_IN_BUNDLE) : { kind: 'module' as const, path: replaced };
  if (target.kind !== 'module') return target;
  if (OUTSIDE_WORKFLOWS.test(target.path)) return { kind: 'module', path: join(dirname(target.path), 'workflow-imports-impl.js') };
  const file = replacedForBrowsers(target.path, target.path, read);
  return file === false ? { kind: 'empty' } : file === null ? target : { kind: 'module', path: file };
}

/** Stubs that the genuine bundler replaces: what the OpenTelemetry interceptors have of `@temporalio/workflow` outside of workflows. */
const OUTSIDE_WORKFLOWS = /\/(?:@temporalio|contrib)\/interceptors-opentelemetry(?:-v2)?\/(?:src|lib)\/workflow\/workflow-imports\.[jt]s$/;

/** What of a package.json counts: conditions of `exports`, one list after the other, and fields that name the main file. */
interface Manner {
  readonly conditions: readonly (readonly string[])[];
  readonly mains: readonly string[];
}

/** Node's own condition comes last: what is meant for it often needs its modules. */
const IN_NODE: Manner = { conditions: [['require', 'default'], ['import', 'module', 'default'], ['node', 'require', 'import', 'default']], mains: ['main'] };
const inBundle = (kind: 'import' | 'require'): Manner => ({ conditions: [['webpack', 'development', 'browser', kind, 'module', 'default']], mains: ['browser', 'module', 'main'] });
const IMPORTED_IN_BUNDLE = inBundle('import');
const REQUIRED_IN_BUNDLE = inBundle('require');

/** What the package of `importer` has instead of a file of its own or of another package, in browsers: false for nothing, null where it says nothing. */
function replacedForBrowsers(name: string, importer: string, read: ReadFile): string | false | null {
  const { root, manifest } = packageOf(importer, read);
  const table = manifest?.['browser'];
  if (typeof table !== 'object' || table === null) return null;
  const key = name.startsWith(`${root}/`) ? `.${name.slice(root.length)}` : name;
  const [, other] = Object.entries(table).find(([pattern]) => [pattern, `./${pattern}`].some((written) => written === key || written === `${key}.js`)) ?? [];
  if (other === false) return false;
  return typeof other === 'string' ? (other.startsWith('.') ? findFile(join(root, other), read) : findPackage(other, packageNameOf(other), importer, read)) : null;
}

const packageNameOf = (specifier: string): string => (specifier.startsWith('@') ? specifier.split('/').slice(0, 2).join('/') : (specifier.split('/')[0] as string));

/** The nearest package.json of a file of a package, and its folder. */
function packageOf(path: string, read: ReadFile): { readonly root: string; readonly manifest: { readonly [key: string]: unknown } | null } {
  let root = dirname(path);
  while (read(`${root}/package.json`) === null && isPackage(`${dirname(root)}/`)) root = dirname(root);
  return { root, manifest: readJson(`${root}/package.json`, read) };
}

/** Finds what `specifier` in the file `importer` means. */
export function resolve(specifier: string, importer: string, read: ReadFile, aliases: Aliases, manner: Manner = IN_NODE): Target {
  const bare = specifier.replace(/^node:/, '');
  if (BUILTINS.has(bare)) return { kind: 'builtin', name: bare };
  const packageName = packageNameOf(bare);
  if (TEMPORAL_PACKAGES.has(packageName) && !PROTOBUF_PARTS.has(bare)) return { kind: 'builtin', name: bare };
  if (specifier.startsWith('node:') || NODE_MODULES.has(bare)) {
    if (isPackage(importer)) {
      if (OF_PACKAGES.has(bare)) return { kind: 'builtin', name: bare, ofPackage: true };
      const namesake = findPackage(bare, packageName, importer, read);
      if (namesake !== null) return { kind: 'module', path: namesake };
    }
    return { kind: 'refused', reason: `Module '${specifier}' is not available here: project code runs in a simulated process without files, network or threads of its own` };
  }
  if (specifier.startsWith('.') || specifier.startsWith('/')) {
    const path = specifier.startsWith('/app/') ? specifier.slice(5) : join(dirname(importer), specifier);
    const found = findFile(path, read, manner);
    return found === null ? { kind: 'refused', reason: `Cannot find module '${specifier}'` } : { kind: 'module', path: manner === IN_NODE ? withoutNode(found, read) : found };
  }
  for (const [pattern, targets] of Object.entries(aliases)) {
    const star = matchPattern(pattern, specifier);
    if (star === null) continue;
    for (const target of targets) {
      const found = findFile(target.replace('*', star), read, manner);
      if (found !== null) return { kind: 'module', path: found };
    }
  }
  if (specifier.startsWith('#')) return findImport(specifier, importer, read, aliases, manner);
  const found = findPackage(specifier, packageName, importer, read, manner);
  return found === null ? { kind: 'refused', reason: `Cannot find module '${specifier}': it is neither one that the simulator brings along nor in the project's node_modules` } : { kind: 'module', path: found };
}

/** The file that a path means: itself, with an extension, `.js` written for `.ts`, or the index of a folder. */
export function findFile(path: string, read: ReadFile, manner = IN_NODE): string | null {
  const exists = (candidate: string): boolean => read(candidate) !== null;
  if (/\.[cm]?[jt]sx?$|\.json$|\.toml$/.test(path) && exists(path)) return path;
  const written = /\.([cm]?)jsx?$/.exec(path);
  if (written) {
    const stem = path.slice(0, written.index);
    for (const extension of [`.${written[1]}ts`, '.tsx']) if (exists(stem + extension)) return stem + extension;
  }
  for (const extension of EXTENSIONS) if (exists(path + extension)) return path + extension;
  const manifest = path === '' ? null : readJson(`${path}/package.json`, read);
  for (const field of manner.mains) {
    const main = manifest?.[field];
    const found = typeof main === 'string' ? findFile(join(path, main), read, manner) : null;
    if (found !== null) return found;
  }
  const index = path === '' ? 'index' : `${path}/index`;
  for (const extension of EXTENSIONS) if (exists(index + extension)) return index + extension;
  return null;
}

/** Whether a file belongs to an installed package: those may go without a module that is not there. */
export function isPackage(path: string): boolean {
  return path.startsWith('node_modules/') || path.includes('/node_modules/');
}

/** What only Node has, in a file of a package. */
const NEEDS_NODE = new RegExp(`(?:\\brequire\\(\\s*|\\bfrom\\s*|\\bimport\\s*)['"](?:node:)?(?:${[...NODE_MODULES].filter((name) => !OF_PACKAGES.has(name)).join('|')})['"]`);

/** What a module asks for as soon as it is loaded: the statement stands at the beginning of a line. */
const AT_ONCE = /^(?:const|let|var|import|export|\}|require\()[^\n]*?(?:\brequire\(\s*|\bfrom\s*|^import\s*)['"]([^'"]+)['"]/gm;

/** Whether a file of a package can not be loaded: it, or another file of the package that it loads, asks at once for what only Node has. */
function failsWithoutNode(path: string, read: ReadFile, seen: Set<string>): boolean {
  if (seen.has(path)) return false;
  seen.add(path);
  for (const [statement, specifier] of (read(path) ?? '').matchAll(AT_ONCE)) {
    if (NEEDS_NODE.test(statement)) return true;
    const next = specifier!.startsWith('.') ? findFile(join(dirname(path), specifier!), read) : null;
    if (next !== null && failsWithoutNode(next, read, seen)) return true;
  }
  return false;
}

/** Instead of a file of a package that needs what only Node has, the one that the package names for browsers (`browser` of its package.json). */
function withoutNode(path: string, read: ReadFile): string {
  if (!isPackage(path)) return path;
  const { root, manifest } = packageOf(path, read);
  const named = manifest?.['browser'];
  const main = typeof manifest?.['main'] === 'string' ? manifest['main'] : 'index';
  const other = typeof named === 'string' ? (findFile(join(root, main), read) === path ? named : undefined) : ((named ?? {}) as { readonly [file: string]: unknown })[`.${path.slice(root.length)}`];
  const found = typeof other === 'string' ? findFile(join(root, other), read) : null;
  return found !== null && (NEEDS_NODE.test(read(path) ?? '') || failsWithoutNode(path, read, new Set())) ? found : path;
}

function findPackage(specifier: string, name: string, importer: string, read: ReadFile, manner = IN_NODE): string | null {
  const found = findInPackages(specifier, name, importer, read, manner);
  return found === null || manner !== IN_NODE ? found : withoutNode(found, read);
}

function findInPackages(specifier: string, name: string, importer: string, read: ReadFile, manner: Manner): string | null {
  const subpath = specifier.length > name.length ? `.${specifier.slice(name.length)}` : '.';
  for (let directory = dirname(importer); ; directory = dirname(directory)) {
    const root = directory === '' ? `node_modules/${name}` : `${directory}/node_modules/${name}`;
    const manifest = readJson(`${root}/package.json`, read);
    if (manifest) {
      if (manifest['exports'] !== undefined) {
        const target = findExport(manifest['exports'], subpath, manner);
        if (target !== null) return findFile(join(root, target), read, manner);
        if (subpath !== '.') return null;
      }
      return findFile(subpath === '.' ? root : join(root, subpath), read, manner);
    }
    if (directory === '') return null;
  }
}

/** A name that the nearest package.json gives to a file of its own or to a package: its `imports`. */
function findImport(specifier: string, importer: string, read: ReadFile, aliases: Aliases, manner: Manner): Target {
  for (let directory = dirname(importer); ; directory = dirname(directory)) {
    const root = join(directory, '.');
    const manifest = readJson(join(root, 'package.json'), read);
    const target = manifest ? findExport(manifest['imports'] ?? {}, specifier, manner, '#') : null;
    if (target !== null && !target.startsWith('.')) return resolve(target, importer, read, aliases, manner);
    const found = target === null ? null : findFile(join(root, target), read, manner);
    if (found !== null) return { kind: 'module', path: found };
    if (manifest || directory === '') return { kind: 'refused', reason: `Package import specifier "${specifier}" is not defined in package.json` };
  }
}

/** `exports` of a package.json, or `imports`, whose names begin with `#`. */
function findExport(exports: unknown, subpath: string, manner: Manner, mark = '.'): string | null {
  const table: unknown = typeof exports === 'object' && exports !== null && !Array.isArray(exports) && Object.keys(exports).some((key) => key.startsWith(mark)) ? exports : { [mark]: exports };
  for (const conditions of manner.conditions) {
    for (const [pattern, target] of Object.entries(table as Record<string, unknown>)) {
      const star = matchPattern(pattern, subpath);
      const chosen = star === null ? null : choose(target, conditions);
      if (chosen !== null) return chosen.replaceAll('*', star ?? '');
    }
  }
  return null;
}

function choose(target: unknown, conditions: readonly string[]): string | null {
  if (typeof target === 'string') return target;
  if (Array.isArray(target)) {
    for (const item of target) {
      const chosen = choose(item, conditions);
      if (chosen !== null) return chosen;
    }
    return null;
  }
  if (typeof target !== 'object' || target === null) return null;
  for (const [condition, inner] of Object.entries(target)) {
    const chosen = conditions.includes(condition) ? choose(inner, conditions) : null;
    if (chosen !== null) return chosen;
  }
  return null;
}

/** What stands for the `*` of a pattern; '' for an exact match; null when it does not match. */
function matchPattern(pattern: string, text: string): string | null {
  const star = pattern.indexOf('*');
  if (star < 0) return pattern === text ? '' : null;
  const before = pattern.slice(0, star);
  const after = pattern.slice(star + 1);
  return text.length >= before.length + after.length && text.startsWith(before) && text.endsWith(after) ? text.slice(before.length, text.length - after.length) : null;
}

function readJson(path: string, read: ReadFile): { readonly [key: string]: unknown } | null {
  const text = read(path);
  if (text === null) return null;
  try {
    return JSON.parse(text) as { readonly [key: string]: unknown };
  } catch {
    return null;
  }
}

export function dirname(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

/** Joins and normalizes; does not leave the project. */
export function join(directory: string, relative: string): string {
  const parts = directory === '' ? [] : directory.split('/');
  for (const part of relative.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}
