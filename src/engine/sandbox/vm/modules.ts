/**
 * Project modules inside a VM. The host evaluates one definition per module (`__defineModule`, see ../project.ts); nothing of it runs
 * until a loader asks for it. A loader has records of its own, so that every workflow run gets fresh module state while the compiled
 * functions are shared.
 */

/** What an import specifier means. */
export type ImportTarget = { readonly kind: 'module'; readonly path: string } | { readonly kind: 'builtin'; readonly name: string } | { readonly kind: 'empty' };

/** The compiled body of a module. */
export type ModuleBody = (exports: unknown, require: RequireFunction, module: ModuleRecord, filename: string, dirname: string) => void;

/** One module of the project, defined but not run. */
interface ModuleDefinition {
  readonly path: string;
  readonly body: ModuleBody;
  readonly imports: { readonly [specifier: string]: ImportTarget };
  /** Why the module can't be used; loading it throws this as a SyntaxError. */
  readonly error: string | null;
  /** `mappings` of its source map; '' when lines are the source's own. */
  readonly mappings: string;
}

/** What project code sees as `module`. */
export interface ModuleRecord {
  exports: any;
  readonly id: string;
  readonly filename: string;
  loaded: boolean;
  /** Who required it first; undefined for the module that the loader was asked for. */
  readonly parent: ModuleRecord | undefined;
}

/** What project code sees as `require`. */
export interface RequireFunction {
  (specifier: string): any;
  /** The absolute path of a module; a built-in's name stays as it is. */
  resolve(specifier: string): string;
  /** The module that the process was started with: `require.main === module` there. */
  readonly main: ModuleRecord | undefined;
  /** For src/compile/lower.ts: settled when every module that was required here has been run. */
  __pending(): Promise<unknown>;
  /** For it, too: what `import()` gives, once it has been run. */
  __loaded<T>(exports: T): T | Promise<T>;
}

/** Loads modules and keeps what they exported. */
export interface Loader {
  /** Runs a module, unless it has been run, and gives its exports. `path` is one of the project's, absolute or not. */
  require(path: string): any;
  /** Settled when a module with a top-level await has been run; undefined for others. */
  pending(path: string): Promise<unknown> | undefined;
  /** Takes away the records of modules whose path passes, so that they are run again. */
  forget(): void;
}

/** The folder in which the project seems to lie, as `__dirname`, `import.meta.url` and `require.resolve` show it. */
export const projectRoot = '/app/';

const definitions = new Map<string, ModuleDefinition>();

(globalThis as any).__defineModule = (path: string, body: ModuleBody, imports: ModuleDefinition['imports'], error: string | null, mappings: string): void => {
  definitions.set(path, { path, body, imports, error, mappings });
};

/** The definition of a module; undefined for paths outside the project. */
export function definitionOf(path: string): { readonly path: string; readonly body: ModuleBody; readonly mappings: string } | undefined {
  return definitions.get(path);
}

/** Path inside the project of an absolute path, file URL or project path; null when no module is there (extensions and index files are tried). */
export function modulePath(reference: string): string | null {
  let path = reference.startsWith('file://') ? decodeURIComponent(reference.slice(7)) : reference;
  if (path.startsWith(projectRoot)) path = path.slice(projectRoot.length);
  path = path.replace(/^\.\//, '').replace(/\/+$/, '');
  const bare = path.replace(/\.[cm]?[jt]sx?$/, '');
  for (const candidate of [path, ...['.ts', '.tsx', '.mts', '.cts', '.js', '.mjs', '.cjs', '.json'].flatMap((e) => [path + e, bare + e]), `${path}/index.ts`, `${path}/index.js`]) {
    if (definitions.has(candidate)) return candidate;
  }
  return null;
}

/**
 * A loader with records of its own.
 * @param builtin gives the exports of a built-in (`@temporalio/workflow`, `path` …) or throws what project code shall see
 */
export function createLoader(builtin: (name: string, importer: string) => unknown): Loader {
  let records = new Map<string, ModuleRecord>();
  let pendings = new Map<string, Promise<unknown>>();
  let main: ModuleRecord | undefined;

  const load = (path: string, parent?: ModuleRecord): any => {
    const known = records.get(path);
    if (known) return known.exports;
    const definition = definitions.get(path);
    if (!definition) throw notFound(path, '');
    if (definition.error !== null) throw new SyntaxError(definition.error);
    const filename = projectRoot + path;
    const record: ModuleRecord = { exports: {}, id: filename, filename, loaded: false, parent };
    records.set(path, record);
    main ??= record;
    try {
      const pending: unknown = definition.body.call(record.exports, record.exports, requireIn(definition, record), record, filename, filename.slice(0, filename.lastIndexOf('/')));
      if (pending instanceof Promise) pendings.set(path, pending);
    } catch (error) {
      records.delete(path); // as Node does: the next require tries again
      throw error;
    }
    record.loaded = true;
    return record.exports;
  };

  const target = (definition: ModuleDefinition, specifier: string): ImportTarget => {
    const known = definition.imports[specifier];
    if (known) return known;
    const path = specifier.startsWith('.') ? modulePath(join(dirname(definition.path), specifier)) : modulePath(specifier);
    if (path === null) throw notFound(specifier, definition.path);
    return { kind: 'module', path };
  };

  const requireIn = (definition: ModuleDefinition, module: ModuleRecord): RequireFunction => {
    const waits: Promise<unknown>[] = [];
    const require = (specifier: string): any => {
      const found = target(definition, String(specifier));
      if (found.kind === 'empty') return {};
      if (found.kind === 'builtin') return builtin(found.name, definition.path);
      const exports = load(found.path, module);
      const pending = pendings.get(found.path);
      if (pending) waits.push(pending);
      return exports;
    };
    require.main = main;
    require.__pending = (): Promise<unknown> => Promise.all(waits.splice(0));
    require.__loaded = <T>(exports: T): T | Promise<T> => (waits.length === 0 ? exports : require.__pending().then(() => exports));
    require.resolve = (specifier: string): string => {
      const found = target(definition, String(specifier));
      return found.kind === 'module' ? projectRoot + found.path : found.kind === 'builtin' ? found.name : specifier;
    };
    return require;
  };

  return {
    require(path) {
      const found = modulePath(path);
      if (found === null) throw notFound(path, '');
      return load(found);
    },
    pending: (path) => pendings.get(modulePath(path) ?? path),
    forget() {
      main = undefined;
      records = new Map();
      pendings = new Map();
    },
  };
}

function notFound(specifier: string, importer: string): Error {
  const error = new Error(`Cannot find module '${specifier}'${importer === '' ? '' : `\nRequire stack:\n- ${projectRoot}${importer}`}`);
  return Object.assign(error, { code: 'MODULE_NOT_FOUND' });
}

function dirname(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

function join(directory: string, relative: string): string {
  const parts = directory === '' ? [] : directory.split('/');
  for (const part of relative.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}
