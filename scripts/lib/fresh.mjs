// "Build it if it is stale": outputs carry a stamp with a key over everything they were made from.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildDirectory, root } from './paths.mjs';

/**
 * Runs `make` unless the outputs were made from exactly these inputs.
 * @param {object} step
 * @param {string} step.name names the stamp
 * @param {string[]} step.inputs files and folders, relative to the project; test files do not count
 * @param {string[]} step.outputs files or folders, relative to the project, that must exist afterwards
 * @param {() => unknown} step.make
 * @returns {Promise<boolean>} whether anything was made
 */
export async function makeIfStale({ name, inputs, outputs, make }) {
  const stamp = `${buildDirectory}/.stamps/${name}`;
  const key = keyOf(inputs);
  const exist = () => outputs.every((path) => existsSync(join(root, path)));
  if (exist() && existsSync(stamp) && readFileSync(stamp, 'utf8') === key) return false;
  rmSync(stamp, { force: true });
  await make();
  if (!exist()) throw new Error(`${name} was built, but one of ${outputs.join(', ')} is missing`);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, key);
  return true;
}

/** Contents, not times of change: a fresh checkout and a touched file give the same key. */
function keyOf(inputs) {
  const hash = createHash('sha256').update(process.version);
  for (const input of inputs) {
    for (const file of filesUnder(join(root, input))) {
      hash.update(file.slice(root.length)).update('\0').update(readFileSync(file)).update('\0');
    }
  }
  return hash.digest('hex');
}

function filesUnder(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.(test|fuzz)\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}
