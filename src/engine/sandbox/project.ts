import type { CompiledModule, CompiledProject, Vm, VmResult } from '../../api/sandbox.ts';

/** Puts compiled project code into a VM. Both bundles contain vm/modules.ts, which takes the definitions. */

/** The folder in which a project seems to lie: `__dirname`, `import.meta.url`, `require.resolve`. As vm/modules.ts. */
export const projectRoot = '/app/';

/**
 * Path inside the project of what code gives as a path: absolute below {@link projectRoot}, file URL or project path; with or without
 * extension, or a folder with an index file. null when there is no such module.
 */
export function resolveModule(project: CompiledProject, reference: string): string | null {
  let path = reference.startsWith('file://') ? decodeURIComponent(reference.slice(7)) : reference;
  if (path.startsWith(projectRoot)) path = path.slice(projectRoot.length);
  path = path.replace(/^\.\//, '').replace(/\/+$/, '');
  const bare = path.replace(/\.[cm]?[jt]sx?$/, '');
  const extensions = ['.ts', '.tsx', '.mts', '.cts', '.js', '.mjs', '.cjs', '.json'];
  const candidates = [path, ...extensions.flatMap((extension) => [path + extension, bare + extension]), `${path}/index.ts`, `${path}/index.js`];
  return candidates.find((candidate) => Object.hasOwn(project.modules, candidate)) ?? null;
}

/**
 * Defines the module `entry` and all that it imports, directly or not. Nothing of it runs: `createLoader` of vm/modules.ts does that.
 * @returns the first result that is not ok; a module that does not compile is not one: requiring it throws
 */
export function defineModules(vm: Vm, project: CompiledProject, entries: readonly string[], importsOf = (module: CompiledModule): Imports => module.imports): VmResult {
  for (const path of reachable(project, entries, importsOf)) {
    const module = project.modules[path] as CompiledModule;
    const result = vm.eval(definition(module, importsOf(module)), path);
    if (!result.ok) return result;
  }
  return { ok: true, value: undefined };
}

type Imports = NonNullable<CompiledModule['bundled']>;

/** What the imports of a module mean in workflow code. `ignored` as `bundlerOptions.ignoreModules`: modules, what is below them, and files of the project. */
export function bundledImports({ imports, bundled }: CompiledModule, ignored: readonly string[]): Imports {
  if (ignored.length === 0) return bundled ? { ...imports, ...bundled } : imports;
  const empty = (name: string): boolean => ignored.some((module) => name === module || name.startsWith(`${module}/`));
  return Object.fromEntries(
    Object.entries({ ...imports, ...bundled }).map(([specifier, target]) => {
      const file = target.kind === 'module' ? projectRoot + target.path : '';
      return [specifier, empty(specifier) || empty(file) || empty(file.replace(/\.[jt]s$/, '')) ? ({ kind: 'empty' } as const) : target];
    }),
  );
}

/** Paths of the modules that are imported from the entries; imports that are not found are left to the VM. */
function reachable(project: CompiledProject, entries: readonly string[], importsOf: (module: CompiledModule) => Imports): string[] {
  const found = new Set<string>();
  const open = [...entries];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const module = Object.hasOwn(project.modules, path) ? project.modules[path] : undefined;
    if (!module || found.has(path)) continue;
    found.add(path);
    for (const target of Object.values(importsOf(module))) if (target.kind === 'module') open.push(target.path);
    if (module.computed) open.push(...project.files);
  }
  return [...found];
}

/** One line of ours, then the code: vm/stacks.ts subtracts that line. */
function definition(module: CompiledModule, imports: Imports): string {
  const error = module.errors[0];
  const text = error ? `${error.file}:${error.line}:${error.column} - ${error.message}` : null;
  const rest = `${JSON.stringify(imports)},${JSON.stringify(text)},${JSON.stringify(module.mappings ?? '')})`;
  return `__defineModule(${JSON.stringify(module.path)},function(exports,require,module,__filename,__dirname){\n${error ? '' : module.code}\n},${rest}`;
}
