/**
 * Node's `fs` for the SDK's `envconfig`, which looks for a configuration file through it: simulated processes have no files but the
 * project's own, and of those only the ones that the code names (src/compile/project.ts).
 */

function textOf(path: unknown): string | null {
  try {
    const text: unknown = (globalThis as any).__requireProject(String(path));
    return typeof text === 'string' ? text : null;
  } catch {
    return null;
  }
}

function missing(path: unknown, syscall = 'open'): Error {
  return Object.assign(new Error(`ENOENT: no such file or directory, ${syscall} '${String(path)}' (simulated processes have no files)`), { code: 'ENOENT', errno: -2, syscall, path });
}

export const existsSync = (path: unknown): boolean => textOf(path) !== null;
export function readFileSync(path: unknown, options?: unknown): unknown {
  const text = textOf(path);
  if (text === null) throw missing(path);
  return options === undefined ? Buffer.from(text) : text;
}
function refuseSync(path: unknown): never {
  throw missing(path);
}
const refuse = (path: unknown): Promise<never> => Promise.reject(missing(path));
export const promises = { readFile: refuse, writeFile: refuse, access: refuse, stat: refuse, readdir: refuse, mkdir: refuse, unlink: refuse };

export default {
  existsSync, readFileSync, promises, writeFileSync: refuseSync, readdirSync: refuseSync, statSync: refuseSync, mkdirSync: refuseSync,
  readFile: (path: unknown, ...rest: any[]) => rest.at(-1)(missing(path)),
};
