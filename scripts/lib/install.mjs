// Installs the npm packages if what is there is not what package-lock.json asks for. Imports only Node's own modules, since it
// runs straight after `git clone`.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { root } from './paths.mjs';

/**
 * Makes node_modules agree with package.json and package-lock.json.
 * @throws {Error} when npm cannot do it; npm has then printed why.
 */
export function ensureInstalled() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20) throw new Error(`Node 20 or newer is needed; this is ${process.version}`);

  const reason = whatIsMissing();
  if (reason === undefined) return;
  // `npm ci` removes node_modules first: right for a fresh clone, rude to a folder that is nearly right.
  const command = !existsSync(`${root}/node_modules`) && lockAgreesWithPackageJson() ? 'ci' : 'install';
  process.stderr.write(`Installing packages (${reason}): npm ${command}\n`);
  const { status } = npm([command, '--no-audit', '--no-fund']);
  if (status !== 0) throw new Error(`npm ${command} failed`);
}

/** npm's version of node_modules is the hidden lockfile that it writes last; comparing it takes some 10 ms. */
function whatIsMissing() {
  const installed = readJson('node_modules/.package-lock.json')?.packages;
  if (installed === undefined) return 'nothing is installed';
  if (!lockAgreesWithPackageJson()) return 'package.json has changed';
  for (const [path, wanted] of Object.entries(readJson('package-lock.json').packages)) {
    if (path === '' || wanted.optional || wanted.devOptional || wanted.peer) continue;
    if (installed[path]?.version !== wanted.version) return `${path.replace(/^.*node_modules\//, '')} ${wanted.version} is missing`;
  }
  return undefined;
}

function lockAgreesWithPackageJson() {
  const manifest = readJson('package.json');
  const locked = readJson('package-lock.json')?.packages?.[''];
  const same = (field) => JSON.stringify(manifest[field] ?? {}) === JSON.stringify(locked?.[field] ?? {});
  return locked !== undefined && same('dependencies') && same('devDependencies');
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(`${root}/${path}`, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Runs npm by the same executable that runs this script, so that a PATH without npm, or Windows' npm.cmd, does not matter. */
function npm(args) {
  const stdio = /** @type {import('node:child_process').StdioOptions} */ (['ignore', 2, 2]); // stdout belongs to whoever called
  const cli = process.env.npm_execpath;
  return cli?.endsWith('.js')
    ? spawnSync(process.execPath, [cli, ...args], { cwd: root, stdio })
    : spawnSync('npm', args, { cwd: root, stdio, shell: process.platform === 'win32' });
}
