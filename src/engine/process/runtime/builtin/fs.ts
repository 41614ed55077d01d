/** Node's `fs`: simulated processes have no files, so nothing exists. The SDK's `envconfig` looks for a configuration file through it. */

function missing(path: unknown, syscall = 'open'): Error {
  return Object.assign(new Error(`ENOENT: no such file or directory, ${syscall} '${String(path)}' (simulated processes have no files)`), { code: 'ENOENT', errno: -2, syscall, path });
}

export const existsSync = (_path: unknown): boolean => false;
export function readFileSync(path: unknown): never {
  throw missing(path);
}
const refuse = (path: unknown): Promise<never> => Promise.reject(missing(path));
export const promises = { readFile: refuse, writeFile: refuse, access: refuse, stat: refuse, readdir: refuse, mkdir: refuse, unlink: refuse };

export default {
  existsSync, readFileSync, promises, writeFileSync: readFileSync, readdirSync: readFileSync, statSync: readFileSync, mkdirSync: readFileSync,
  readFile: (path: unknown, ...rest: any[]) => rest.at(-1)(missing(path)),
};
