import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';

/** Folders that hold no source of the project. */
const SKIPPED = new Set(['node_modules', 'dist', 'build', 'coverage']);
const SOURCE = /\.(?:[cm]?[jt]sx?|json|toml)$/;

/** A project folder that can't be used; the message says which and why. */
export class ProjectError extends Error {
  override name = 'ProjectError';
}

/** The output folder that tsconfig.json names: compiled copies are no sources. */
function outDir(dir: string): string | null {
  try {
    return /"outDir"\s*:\s*"(?:\.\/)?([^"/]+)/.exec(readFileSync(join(dir, 'tsconfig.json'), 'utf8'))?.[1] ?? null;
  } catch {
    return null;
  }
}

/** Source texts of a project by path (with `/`). `node_modules` is read on demand through {@link moduleReader}. */
export function readProjectFiles(dir: string): { [path: string]: string } {
  if (!existsSync(dir) || !statSync(dir).isDirectory()) throw new ProjectError(`no such folder: ${dir}`);
  const files: { [path: string]: string } = {};
  const skipped = new Set([...SKIPPED, outDir(dir) ?? 'dist']);
  const walk = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.name.startsWith('.')) continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (!skipped.has(entry.name)) walk(path);
      } else if (SOURCE.test(entry.name) && entry.name !== 'package-lock.json') files[relative(dir, path).split(sep).join('/')] = readFileSync(path, 'utf8');
    }
  };
  walk(dir);
  return files;
}

/** Reads a file of the project's node_modules; null when there is none. */
export const moduleReader =
  (dir: string) =>
  (path: string): string | null => {
    try {
      return readFileSync(join(dir, path), 'utf8');
    } catch {
      return null;
    }
  };

/** Where a file lies that an argument names: a path of the project. */
export interface Located {
  readonly path: string;
  /** Files that have to join the project: the named file lies outside, and so does what is beside it. */
  readonly more: { readonly [path: string]: string };
}

/**
 * Finds the file that an argument names: in the project, in its `src`, or from where the user stands; with or without its ending.
 * @param base the folder in which the user stands
 */
export function locate(flag: string, name: string, dir: string, files: { readonly [path: string]: string }, base: string): Located {
  const endings = ['', '.ts', '.tsx', '.mts', '.js', '.mjs', '.cjs', '/index.ts', '/index.js'];
  for (const folder of [dir, join(dir, 'src'), base])
    for (const ending of endings) {
      const file = resolve(folder, name.split('\\').join('/') + ending);
      const path = relative(dir, file).split(sep).join('/');
      if (path in files) return { path, more: {} };
      if (!path.startsWith('..') || !existsSync(file) || !statSync(file).isFile()) continue;
      const beside = `outside${flag}`; // a folder that no project has
      return { path: `${beside}/${basename(file)}`, more: Object.fromEntries(Object.entries(readProjectFiles(dirname(file))).map(([p, text]) => [`${beside}/${p}`, text])) };
    }
  throw new ProjectError(`${flag}: ${name} is not in ${dir}`);
}

/** The first of the candidates that the project has: in its folder, then in `src`. */
export function findEntry(files: { readonly [path: string]: string }, names: readonly string[]): string | null {
  for (const folder of ['', 'src/'])
    for (const name of names) for (const ending of ['ts', 'tsx', 'mts', 'js', 'mjs', 'cjs']) if (`${folder}${name}.${ending}` in files) return `${folder}${name}.${ending}`;
  return null;
}
