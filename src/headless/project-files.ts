import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** Folders that hold no source of the project. */
const SKIPPED = new Set(['node_modules', 'dist', 'build', 'coverage']);
const SOURCE = /\.(?:[cm]?[jt]sx?|json)$/;

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

/** The first of the candidates that the project has: in its folder, then in `src`. */
export function findEntry(files: { readonly [path: string]: string }, names: readonly string[]): string | null {
  for (const folder of ['', 'src/'])
    for (const name of names) for (const ending of ['ts', 'tsx', 'mts', 'js', 'mjs', 'cjs']) if (`${folder}${name}.${ending}` in files) return `${folder}${name}.${ending}`;
  return null;
}
