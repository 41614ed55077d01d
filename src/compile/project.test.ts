import { describe, expect, test } from 'vitest';
import { runInline } from '../testing/inline-project.ts';
import { BUILTIN_NAMES } from './builtin-names.ts';
import { compileProject } from './index.ts';

const errorsOf = (source: string): string[] => (compileProject({ files: { 'src/a.ts': source } }).modules['src/a.ts']?.errors ?? []).map((e) => `${e.file}:${e.line}:${e.column} ${e.message.split(';')[0]}`);

describe('names that a module of Node lacks here', () => {
  test('are refused where they are imported', () => {
    expect(errorsOf(`import { createHash,\n  createSign } from 'node:crypto';\nconsole.log(createHash, createSign);`)).toEqual([`src/a.ts:2:3 'createSign' of module 'node:crypto' is not available here`]);
    expect(errorsOf(`export { MIMEType as Mime } from 'util';`)).toEqual([`src/a.ts:1:10 'MIMEType' of module 'util' is not available here`]);
  });
  test('are no trouble where only types are meant', () => {
    expect(errorsOf(`import { createHash, Hash, type Cipher } from 'crypto'; import type { Hmac } from 'crypto'; export const h = (): Hash => createHash('md5'); export let c: Cipher, d: Hmac;`)).toEqual([]);
    expect(errorsOf(`import crypto, * as all from 'crypto'; if ('hash' in all) crypto.createCipheriv;`)).toEqual([]);
  });
  test('the list is that of the modules', async () => {
    const modules = Object.keys(BUILTIN_NAMES);
    const client = modules.map((name) => `console.log(Object.keys(require('${name}')).filter((k) => /^[\\w$]+$/.test(k) && k !== 'default').sort().join(' '));`).join('\n');
    expect((await runInline({ client })).log('client-1')).toEqual(modules.map((name) => BUILTIN_NAMES[name]?.join(' ')));
  });
});

describe('tsconfig.json', () => {
  const imports = (files: { [path: string]: string }): string[] => Object.values(compileProject({ files: { 'app/util.ts': 'export const x = 1;', 'src/main.ts': `import { x } from '@app/util'; console.log(x);`, ...files } }).modules['src/main.ts']?.imports ?? {}).map((t) => (t.kind === 'module' ? t.path : t.name));
  const paths = (prefix: string): object => ({ '@app/*': [`${prefix}app/*`] });
  test.each<[string, { [path: string]: string }]>([
    ['its own', { 'tsconfig.json': JSON.stringify({ compilerOptions: { paths: paths('./') } }) }],
    ['what it extends', { 'tsconfig.json': `{ "extends": "./config/base" } // comment`, 'config/base.json': JSON.stringify({ compilerOptions: { paths: paths('../') } }) }],
    ['what that extends, in a package', { 'tsconfig.json': `{ "extends": ["./base.json"] }`, 'base.json': `{ "extends": "@acme/ts/tsconfig.json" }`, 'node_modules/@acme/ts/tsconfig.json': JSON.stringify({ compilerOptions: { baseUrl: '../../..', paths: paths('') } }) }],
    ['the nearer one', { 'tsconfig.json': JSON.stringify({ extends: './base.json', compilerOptions: { paths: paths('') } }), 'base.json': JSON.stringify({ compilerOptions: { paths: paths('elsewhere/') } }) }],
    ['and circles end', { 'tsconfig.json': JSON.stringify({ extends: './tsconfig.json', compilerOptions: { paths: paths('./') } }) }],
  ])('paths: %s', (_, files) => expect(imports(files)).toEqual(['app/util.ts']));
});

test('imports of package.json name files of the project and packages', () => {
  const imports = { '#lib/*': './src/lib/*.ts', '#config': { node: './never.json', default: './config.json' }, '#tag': 'price-tag' };
  const files = {
    'package.json': JSON.stringify({ imports }), 'src/main.ts': `import '#lib/util'; import '#config'; import '#tag'; import '#nope';`, 'src/lib/util.ts': '', 'config.json': '{}',
    'node_modules/price-tag/package.json': '{}', 'node_modules/price-tag/index.js': '',
  };
  const main = compileProject({ files }).modules['src/main.ts'];
  expect(Object.values(main?.imports ?? {}).map((t) => (t.kind === 'module' ? t.path : t.name))).toEqual(['src/lib/util.ts', 'config.json', 'node_modules/price-tag/index.js']);
  expect(main?.errors.map((e) => e.message)).toEqual(['Package import specifier "#nope" is not defined in package.json']);
});

describe('packages that are written for Node', () => {
  const files = {
    'node_modules/wide/package.json': JSON.stringify({ main: './lib/main.js', browser: { './lib/net.js': './lib/fetch.js', './lib/names.js': './lib/never.js' } }),
    'node_modules/wide/lib/main.js': `exports.all = [require('./net'), require('./names'), require('string_decoder').who, require('node:os').EOL, require('tty').isatty(1), require('fs').existsSync('/etc/hosts')]; try { require('net'); } catch (e) { exports.all.push(e.code); }`,
    'node_modules/wide/lib/net.js': `const https = require('https'); module.exports = 'of Node';`,
    'node_modules/wide/lib/fetch.js': `module.exports = 'for browsers';`,
    'node_modules/wide/lib/names.js': `module.exports = require('path').basename('/a/b');`,
    'node_modules/wide/lib/never.js': `module.exports = 'never';`,
    'node_modules/narrow/package.json': JSON.stringify({ main: 'node.js', browser: './browser/index.js' }),
    'node_modules/narrow/node.js': `import net from 'node:net'; export default net;`,
    'node_modules/narrow/browser/index.js': `module.exports = 'narrow';`,
    'node_modules/string_decoder/index.js': `exports.who = 'a namesake';`,
    'node_modules/string_decoder/package.json': '{}',
  };
  test('get what there is, what is meant for browsers where only Node would do, a package of the same name', async () => {
    const main = `import { all } from 'wide'; import narrow from 'narrow'; console.log(all, narrow);`;
    expect((await runInline({ files: { ...files, 'src/main.ts': main } }, { clients: ['main.ts'] })).log('client-1')).toEqual(['["for browsers","b","a namesake","\\n",false,false,"MODULE_NOT_FOUND"] narrow']);
  });
  test('get what is meant for browsers, too, where a file that they load at once needs Node, and not where it is asked for later', async () => {
    const packages = {
      'node_modules/deep/package.json': JSON.stringify({ main: 'deep.js', browser: './browser.js' }),
      'node_modules/deep/deep.js': `'use strict'\nconst {\n  name\n} = require('./lib/tools')\nmodule.exports = name`,
      'node_modules/deep/lib/tools.js': `const channels = require('node:diagnostics_channel')\nmodule.exports = { name: channels.channel('x') }`,
      'node_modules/deep/browser.js': `module.exports = 'for browsers'`,
      'node_modules/late/package.json': JSON.stringify({ main: 'late.js', browser: './browser.js' }),
      'node_modules/late/late.js': `module.exports = { name: 'of Node', get http() { return require('./http') } }`,
      'node_modules/late/http.js': `const http = require('http')\nmodule.exports = http`,
      'node_modules/late/browser.js': `module.exports = { name: 'for browsers' }`,
    };
    const main = `import deep from 'deep'; import late from 'late'; console.log(deep, late.name);`;
    expect((await runInline({ files: { ...packages, 'src/main.ts': main } }, { clients: ['main.ts'] })).log('client-1')).toEqual(['for browsers of Node']);
  });
  test('load with child_process, which parsers of command lines ask for, and can start nothing', async () => {
    const flags = `const { spawn } = require('node:child_process'); exports.parse = (args) => args.map((a) => a.slice(2)); exports.run = () => spawn('ls');`;
    const main = `import { parse, run } from 'flags'; console.log(parse(['--name'])); try { run(); } catch (e: any) { console.log(e.message); }`;
    expect((await runInline({ files: { 'node_modules/flags/package.json': '{}', 'node_modules/flags/index.js': flags, 'src/main.ts': main } }, { clients: ['main.ts'] })).log('client-1'))
      .toEqual(['["name"]', 'child_process.spawn is not available: a simulated process starts no others']);
  });
  test('the parts of the SDK with its name and version', async () => {
    const main = `import worker from '@temporalio/worker/lib/pkg'; import client from '@temporalio/client/lib/pkg'; console.log(worker, client.name, client.version === worker.version);`;
    expect((await runInline({ files: { 'src/main.ts': main } }, { clients: ['main.ts'] })).log('client-1')).toEqual([expect.stringMatching(/^\{"name":"@temporalio\/worker","version":"\d+\.\d+\.\d+"\} @temporalio\/client true$/)]);
  });
  test('the project itself is told what it can not have', () => {
    expect(errorsOf(`import os from 'os'; import fs from 'fs'; import { StringDecoder } from 'string_decoder'; console.log(os, fs, StringDecoder);`)).toEqual(['os', 'fs', 'string_decoder'].map((name) => expect.stringContaining(`Module '${name}' is not available here`)));
  });
});

describe('a bundle of workflows is built for browsers, as the genuine one', () => {
  const which = (files: { [file: string]: string }): { [path: string]: string } => Object.fromEntries(Object.entries(files).map(([file, name]) => [`node_modules/${file}`, `exports.which = '${name}';`]));
  const flow = (specifier: string): object => ({
    workflows: `import * as x from '${specifier}'; export async function flow() { return (x as any).which; }`,
    client: `console.log(await client.workflow.execute('flow', { taskQueue: 'q', workflowId: 'w' }), require('${specifier}').which);`,
  });
  const conditions = { node: './node.js', browser: './web.js', default: './default.js' };
  // Each of them as the genuine bundler and Node print it.
  test.each<[string, object, { [file: string]: string }, string, string]>([
    ['a', { main: 'node.js', browser: './web.js', module: './esm.js' }, { 'a/node.js': 'main', 'a/web.js': 'browser', 'a/esm.js': 'module' }, 'browser', 'main'],
    ['b', { main: 'node.js', module: './esm.js' }, { 'b/node.js': 'main', 'b/esm.js': 'module' }, 'module', 'main'],
    ['c', { exports: { '.': conditions } }, { 'c/node.js': 'node', 'c/web.js': 'browser', 'c/default.js': 'default' }, 'browser', 'default'],
    ['d/kind', { exports: { './kind': { import: './esm.js', require: './cjs.js' } } }, { 'd/esm.js': 'import', 'd/cjs.js': 'require' }, 'import', 'require'],
    ['e', { main: './lib', browser: { './lib/index.js': './lib/web.js' } }, { 'e/lib/index.js': 'main', 'e/lib/web.js': 'map' }, 'map', 'main'],
  ])('%s', async (specifier, manifest, files, inBundle, inNode) => {
    const run = await runInline({ ...flow(specifier), files: { ...which(files), [`node_modules/${specifier.split('/')[0]}/package.json`]: JSON.stringify(manifest) } });
    expect(run.log('client-1')).toEqual([`${inBundle} ${inNode}`]);
  });
  test('what a package does without in browsers is empty', async () => {
    const manifest = JSON.stringify({ browser: { './gone.js': false, other: './shim.js' } });
    const index = `exports.which = JSON.stringify([require('./gone'), require('other')]);`;
    const others = which({ 'f/gone.js': 'here', 'f/shim.js': 'shim', 'other/index.js': 'real' });
    const run = await runInline({ ...flow('f'), files: { 'node_modules/f/package.json': manifest, 'node_modules/f/index.js': index, ...others, 'node_modules/other/package.json': '{}' } });
    expect(run.log('client-1')).toEqual(['[{},{"which":"shim"}] [{"which":"here"},{"which":"real"}]']);
  });
  test('an ignored package or file of the project is empty', async () => {
    const run = await runInline({
      workflows: `import * as g from 'g/sub'; import * as own from './own'; export async function flow() { return [g, own].map((module: any) => module.which ?? 'empty'); }`,
      workerOptions: `bundlerOptions: { ignoreModules: ['g', require.resolve('./own')] },`,
      client: `console.log(await client.workflow.execute('flow', { taskQueue: 'q', workflowId: 'w' }));`,
      files: { 'src/own.ts': `export const which = 'own';`, 'node_modules/g/package.json': '{}', ...which({ 'g/sub.js': 'g' }) },
    });
    expect(run.log('client-1')).toEqual(['["empty","empty"]']);
  });
  test.each([
    ['h', `try { require('fs'); } catch {}`, /importing the following disallowed modules:\n {2}- 'fs' \(node_modules\/h\/index\.js:1\)/],
    ['i', `require('node:util');`, /Webpack finished with errors.*\nERROR in node:util \(node_modules\/i\/index\.js:1\)\nModule build failed: UnhandledSchemeError: Reading from "node:util" is not handled by plugins/],
    ['j', `try { require(/* webpackIgnore: true */ 'fs'); } catch {}`, /^undefined$/],
  ])('Node\'s modules in a package: %s', async (name, code, said) => {
    const run = await runInline({ ...flow(name), client: '', files: { [`node_modules/${name}/package.json`]: JSON.stringify({ browser: { fs: false } }), [`node_modules/${name}/index.js`]: code } });
    expect(String(run.log('worker-1')[0])).toMatch(said);
  });
});

describe('modules as they are written', () => {
  test('an .mjs file is an ES module, imports and all', async () => {
    const run = await runInline({ files: { 'src/second.mjs': `import { basename } from 'path'; import { x } from './x.mjs'; console.log(basename(import.meta.url), x);`, 'src/x.mjs': `export const x = 1;` } }, { clients: ['second.mjs'] });
    expect(run.log('client-1')).toEqual(['second.mjs 1']);
  });
  test('what waits at the top of a module shares its variables with functions and classes', async () => {
    const source = `
      const v = await Promise.resolve(1);
      let w: number, x = 5;
      w = v + 1;
      const { a, b: [c, d = 4], ...rest } = await Promise.resolve({ a: 1, b: [3], e: 9 } as any);
      class K { static s = v; m() { return c; } }
      export class L extends K { n = 2; }
      enum E { A = 1 }
      function fn() { return [v, w, x, a, c, d, rest, E.A, new K().m(), K.s]; }
      export let changing = v + w; changing++; changing = changing * 2;
      for await (const i of [Promise.resolve(2)]) { const v = i; console.log('loop', v); }
      try { await Promise.reject(new Error('no')); } catch (e: any) { console.log(e.message); }
      x += 1;
      console.log(fn(), changing, new L().n, new L().m(), K.name, L.name);`;
    const run = await runInline({ files: { 'src/second.mts': source } }, { clients: ['second.mts'] });
    expect(run.log('client-1')).toEqual(['loop 2', 'no', '[1,2,6,1,3,4,{"e":9},1,3,1] 8 2 3 K L']);
  });
  test('so does one that waits itself', async () => {
    const files = { 'src/second.mts': `import { late } from './late.mjs'; console.log(late, await Promise.resolve('own'));`, 'src/late.mts': `export const late = await new Promise((resolve) => setTimeout(() => resolve('late'), 20));` };
    expect((await runInline({ files }, { clients: ['second.mts'] })).log('client-1')).toEqual(['late own']);
  });
  test('import() waits for it, and fails with it', async () => {
    const files = {
      'src/second.ts': `export async function main() {
          const all = await Promise.all([import('./late'), import('./plain')]);
          console.log(all[0].value, all[0].default, all[1].x, (await import('./late')).value, await import('./broken').catch((e) => e.message));
        }
        void main();`,
      'src/late.ts': `await new Promise((r) => setTimeout(r, 100)); export const value = await Promise.resolve(5); export default 'd';`,
      'src/plain.ts': `export const x = 1;`,
      'src/broken.ts': `export const x = 1; await Promise.reject(new Error('broken'));`,
    };
    expect((await runInline({ files }, { clients: ['second.ts'] })).log('client-1')).toEqual(['5 d 1 5 broken']);
  });
  test('what imports such a module waits for it, and others do not', async () => {
    const run = await runInline({
      files: {
        'src/second.mts': `import { both, count, Holder } from './middle.mjs'; import { side } from './side.mjs'; import * as all from './middle.mjs';
          console.log('second', both, side, count, Object.keys(all).sort().join(), Holder.first, new Holder().get());`,
        'src/middle.mts': `import { value, bump } from './deep.mjs'; import type { Type } from './deep.mjs';
          console.log('middle', value, bump()); export const both: Type = value + '!'; export { count } from './deep.mjs';
          export class Holder { static first = value; get() { return both; } }`,
        'src/deep.mts': `export type Type = string; console.log('deep starts'); await new Promise((r) => setTimeout(r, 10)); export const value = 'deep';
          export let count = 0; export function bump() { return ++count; } console.log('deep ends');`,
        'src/side.mts': `console.log('side'); export const side = 1;`,
        'src/third.mts': `import { x } from './broken.mjs'; console.log('never', x);`,
        'src/broken.mts': `export const x = 1; await Promise.reject(new Error('broken'));`,
      },
    }, { clients: ['second.mts', 'third.mts'] });
    expect(run.log('client-1')).toEqual(['deep starts', 'side', 'deep ends', 'middle deep 1', 'second deep! 1 1 Holder,both,count deep deep!']);
    expect(run.output.processes['client-2']?.exitCode).toBe(1);
    expect(run.log('client-2').join()).toMatch(/Error: broken/);
  });
});
