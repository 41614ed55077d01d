import ts from 'typescript';
import type { CompiledModule, CompiledProject, CompileError } from '../api/sandbox.ts';
import { compareText } from '../base/compare.ts';
import { BUILTIN_NAMES } from './builtin-names.ts';
import { lower, type FileOptions, type Lowered, type LowerOptions } from './lower.ts';
import { type Aliases, dirname, isPackage, type ReadFile, resolve, resolveForBundle } from './resolve.ts';

/** A project as text. */
export interface CompileInput {
  /** Files of the project by path (`src/workflows.ts`); node_modules need not be among them. */
  readonly files: { readonly [path: string]: string };
  /** Text of a file that is not in `files`, in node_modules above all; null when there is none. */
  readonly readModule?: ((path: string) => string | null) | undefined;
  /** A former result: modules whose source is the same are taken over. */
  readonly previous?: CompiledProject | undefined;
}

const CODE = /\.(?:[cm]?[jt]sx?|json|toml)$/;
const NOT_RUN = /\.d\.[cm]?ts$|(?:^|\/)tsconfig[^/]*\.json$|(?:^|\/)package(?:-lock)?\.json$/;

/** Compiles all code of a project and what it imports from node_modules. Errors are in the modules: only what is loaded matters. */
export function compileProject(input: CompileInput): CompiledProject {
  const cache = new Map<string, string | null>();
  const read: ReadFile = (path) => {
    if (Object.hasOwn(input.files, path)) return input.files[path] as string;
    let text = cache.get(path);
    if (text === undefined) cache.set(path, (text = input.readModule?.(path) ?? null));
    return text;
  };
  const own = Object.keys(input.files).filter((path) => CODE.test(path) && !NOT_RUN.test(path)).sort(compareText);
  const files = own.filter((path) => !/\.(?:json|toml)$/.test(path) && !isPackage(path));
  const traceIndex = new Map(files.map((path, index) => [path, index]));
  const { options, aliases } = readConfiguration(read);
  const reusable = input.previous && sameList(input.previous.files, files) ? input.previous.modules : {};

  const modules: Record<string, CompiledModule> = {};
  const open = own.filter((path) => !isPackage(path)).reverse();
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (Object.hasOwn(modules, path)) continue;
    const source = read(path);
    if (source === null) continue;
    const known = Object.hasOwn(reusable, path) ? reusable[path] : undefined;
    const module = known && !known.awaits && known.source === source && sameTargets(known, read, aliases) ? known : compileModule(path, source, traceIndex.get(path) ?? null, read, aliases, options);
    modules[path] = module;
    for (const target of [...Object.values(module.imports), ...Object.values(module.bundled ?? {})]) if (target.kind === 'module' && !Object.hasOwn(modules, target.path)) open.push(target.path);
  }
  // As ES modules do: what imports a module with a top-level await waits for it.
  const awaiting = Object.values(modules).filter(({ awaits }) => awaits);
  const waiting = new Set<string>();
  for (let awaited = awaiting.pop(); awaited !== undefined; awaited = awaiting.pop())
    for (const { path, source, awaits, imports } of Object.values(modules)) {
      const specifiers = Object.entries(imports).flatMap(([specifier, target]) => (target.kind === 'module' && target.path === awaited?.path ? [specifier] : []));
      if (waiting.has(path) || isPackage(path) || specifiers.length === 0) continue;
      const index = traceIndex.get(path) ?? null;
      if (!lowerOnce(path, source, index, options).statics.some((specifier) => specifiers.includes(specifier))) continue;
      const module = compileModule(path, source, index, read, aliases, { ...options, awaitsImports: true });
      modules[path] = module;
      waiting.add(path);
      if (!awaits) awaiting.push(module);
    }
  return { modules, files };
}

function compileModule(path: string, source: string, traceIndex: number | null, read: ReadFile, aliases: Aliases, options: FileOptions): CompiledModule {
  if (path.endsWith('.json')) return compileJson(path, source);
  // A configuration file: processes see it as a file (builtin/fs.ts).
  if (path.endsWith('.toml')) return { path, code: `module.exports = ${JSON.stringify(source)};`, imports: {}, source, errors: [] };
  const lowered = lowerOnce(path, source, traceIndex, options);
  const errors: CompileError[] = lowered.errors.map((error) => ({ file: path, ...error }));
  const imports: Record<string, CompiledModule['imports'][string]> = {};
  const bundled: Record<string, BundledImport> = {};
  for (const { text, line, column } of lowered.specifiers) {
    const inBundle = resolveForBundle(text, path, lowered.statics.includes(text), read, aliases);
    if (inBundle.kind !== 'refused') bundled[text] = inBundle;
    const target = resolve(text, path, read, aliases);
    if (target.kind !== 'refused') imports[text] = target;
    // A package may try an import and go without it; the VM throws when it does.
    else if (!isPackage(path)) errors.push({ file: path, line, column, message: target.reason });
  }
  if (!isPackage(path))
    for (const { specifier, name, line, column } of lowered.names) {
      const target = Object.hasOwn(imports, specifier) ? imports[specifier] : undefined;
      const has = target?.kind === 'builtin' ? BUILTIN_NAMES[target.name] : undefined;
      if (has && name !== 'default' && !has.includes(name)) errors.push({ file: path, line, column, message: `'${name}' of module '${specifier}' is not available here; it has ${has.join(', ')}` });
    }
  for (const text of lowered.paths) {
    const target = resolve(text, path, read, aliases);
    if (target.kind === 'module' && !(text in imports)) imports[text] = target;
  }
  for (const [text, target] of Object.entries(imports)) if (isSame(target, bundled[text])) delete bundled[text];
  return { path, code: lowered.code, imports, ...(Object.keys(bundled).length > 0 && { bundled }), source, mappings: lowered.mappings, ...(lowered.awaits && { awaits: true as const }), ...(lowered.computed && !isPackage(path) && { computed: true as const }), errors };
}

type BundledImport = NonNullable<CompiledModule['bundled']>[string];
const isSame = (a: CompiledModule['imports'][string], b: BundledImport | undefined): boolean =>
  b !== undefined && (a.kind === 'module' ? b.kind === 'module' && a.path === b.path : b.kind === 'builtin' && a.name === b.name && a.ofPackage === undefined);

/** Lowering is nearly all of a compilation, and tests and sweeps run one project over and over. The oldest go first. */
const lowerings = new Map<string, Lowered>();
const MOST_LOWERINGS = 500;

function lowerOnce(path: string, source: string, traceIndex: number | null, options: FileOptions): Lowered {
  const key = `${JSON.stringify([path, traceIndex, options])}${source}`;
  let lowered = lowerings.get(key);
  if (!lowered) {
    lowered = lower(path, source, traceIndex, options);
    if (lowerings.size >= MOST_LOWERINGS) for (const oldest of lowerings.keys()) {
      lowerings.delete(oldest);
      break;
    }
    lowerings.set(key, lowered);
  }
  return lowered;
}

function compileJson(path: string, source: string): CompiledModule {
  const errors: CompileError[] = [];
  try {
    JSON.parse(source);
  } catch (error) {
    errors.push({ file: path, line: 1, column: 1, message: `not JSON: ${error instanceof Error ? error.message : String(error)}` });
  }
  return { path, code: `module.exports = ${source.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')};`, imports: {}, source, errors };
}

/** What the project's tsconfig.json says, as far as it matters when types are gone. */
function readConfiguration(read: ReadFile): { readonly options: LowerOptions; readonly aliases: Aliases } {
  const compiler = readCompilerOptions('tsconfig.json', read, []);
  const target = typeof compiler['target'] === 'string' ? compiler['target'].toLowerCase() : 'es2022';
  const year = /^es(\d{4})$/.exec(target);
  const modern = target === 'esnext' || (year !== null && Number(year[1]) >= 2022);
  return {
    options: {
      experimentalDecorators: compiler['experimentalDecorators'] === true,
      emitDecoratorMetadata: compiler['emitDecoratorMetadata'] === true,
      useDefineForClassFields: typeof compiler['useDefineForClassFields'] === 'boolean' ? compiler['useDefineForClassFields'] : modern,
    },
    aliases: (compiler['paths'] ?? {}) as Aliases,
  };
}

/** `compilerOptions` of a tsconfig.json and of those that it extends, with the targets of `paths` relative to the project. */
function readCompilerOptions(path: string, read: ReadFile, open: readonly string[]): Record<string, unknown> {
  const text = open.includes(path) ? null : read(path);
  if (text === null) return {};
  const config = ts.parseConfigFileTextToJson(path, text).config as { extends?: unknown; compilerOptions?: Record<string, unknown> } | undefined;
  const own = { ...config?.compilerOptions };
  const folder = dirname(path);
  if (typeof own['baseUrl'] === 'string') own['baseUrl'] = within(folder, own['baseUrl']);
  const extended = [config?.extends].flat().filter((name) => typeof name === 'string').map((name) => extendedConfig(name, folder, read));
  const inherited = Object.assign({}, ...extended.map((base) => (base === null ? {} : readCompilerOptions(base, read, [...open, path])))) as Record<string, unknown>;
  const base = typeof own['baseUrl'] === 'string' ? own['baseUrl'] : typeof inherited['baseUrl'] === 'string' ? inherited['baseUrl'] : folder;
  if (typeof own['paths'] === 'object' && own['paths'] !== null)
    own['paths'] = Object.fromEntries(Object.entries(own['paths'] as Record<string, readonly string[]>).map(([pattern, targets]) => [pattern, targets.map((target) => within(base, target))]));
  return { ...inherited, ...own };
}

/** The file that `extends` names: a path from the folder of the file that says it, or one of a package. */
function extendedConfig(name: string, folder: string, read: ReadFile): string | null {
  const stem = name.startsWith('.') ? within(folder, name) : `node_modules/${name}`;
  return [stem, `${stem}.json`, `${stem}/tsconfig.json`].find((path) => path.endsWith('.json') && read(path) !== null) ?? null;
}

/** Joins paths; a base configuration may lie above the project. */
function within(folder: string, relative: string): string {
  const parts: string[] = [];
  for (const part of `${folder}/${relative}`.split('/')) {
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}

/** True when every import still leads to where it led; a file may have come or gone. */
function sameTargets(module: CompiledModule, read: ReadFile, aliases: Aliases): boolean {
  if (module.errors.length > 0) return false;
  return Object.entries(module.imports).every(([specifier, known]) => {
    const target = resolve(specifier, module.path, read, aliases);
    return target.kind === known.kind && (target.kind !== 'module' || known.kind !== 'module' || target.path === known.path);
  });
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}
