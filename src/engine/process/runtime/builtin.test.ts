import * as assert from 'node:assert';
import * as crypto from 'node:crypto';
import * as events from 'node:events';
import * as path from 'node:path';
import * as url from 'node:url';
import * as util from 'node:util';
import { runInThisContext } from 'node:vm';
import { expect, test } from 'vitest';
import { startTestProcess } from './testing.ts';

/** Expressions that have to mean here what they mean in the Node that runs the test. Each gives a text or throws. */
const EXPRESSIONS = `
util.inspect({ a: { b: { c: { d: 1 } } }, e: [1, , 3], f: new Map([[{ k: 1 }, new Set(['x'])]]), g: undefined, h: null, i: -0, j: 10n, k: Symbol('s'), 'l-m': 1, [Symbol('n')]: 2 })
util.inspect({ a: { b: { c: { d: { e: 1 } } } } }, { depth: null })
util.inspect({ a: { b: { c: {} } } }, { depth: 0 })
util.inspect({ a: { b: 1 } }, false, 0)
util.inspect(Array.from({ length: 120 }, (_, i) => i))
util.inspect(Array.from({ length: 27 }, (_, i) => i * 1000.5))
util.inspect(Array.from({ length: 30 }, (_, i) => 'item' + i))
util.inspect(Array.from({ length: 8 }, (_, i) => ({ id: i, name: 'name ' + i })))
util.inspect([[[[1]]], [[[[2]]]]])
util.inspect({ one: 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', two: 'ddddddddddddddddddddddddddddddddddddd', three: { four: 5 } })
util.inspect({ text: 'a long line of text\\nand another one that makes it too long for a single row of the terminal', n: 1 })
util.inspect(['it\\'s', 'say "hi" it\\'s', 'tab\\t\\u0001', 'x'.repeat(90)])
(() => { const a = { n: 1 }; a.self = a; a.list = [a, { a }]; return util.inspect(a); })()
(() => { class Foo { x = 1; get y() { return 2; } } class Bar extends Foo {} return util.inspect([new Foo(), new Bar(), Foo, Bar, Object.create(null), Object.create(Foo.prototype)]); })()
util.inspect([new Number(1), new String('s'), new Boolean(false), Object(1n), new Date(0), /x/g, () => 1, function f() {}, function* g() {}])
util.inspect([new Uint8Array([1, 2]), new ArrayBuffer(2), Buffer.from('hi'), new DataView(new ArrayBuffer(1)), new WeakMap()])
util.inspect({ get a() { return 1; }, set a(v) {}, get b() { return 2; }, set c(v) {} })
util.inspect({ get a() { return 1; } }, { getters: true })
util.inspect({ [util.inspect.custom](depth, options) { return 'mine ' + depth; } })
util.inspect({ b: 1, a: 2 }, { sorted: true, compact: false })
util.inspect({ a: 1, b: [1, 2, 3] }, { breakLength: 10 })
util.inspect({ a: [1, 2, 3, 4], b: 'abcdefgh' }, { maxArrayLength: 2, maxStringLength: 3 })
util.inspect({ a: 1, b: 'x', c: null, d: undefined, e: true }, { colors: true })
util.inspect((function () { return arguments; })(1, 2))
util.inspect(new Set([[1, [2, [3, [4]]]]]))
util.inspect(Object.assign([1, 2], { x: 1 }))
(() => { const e = new TypeError('boom'); e.stack = 'TypeError: boom\\n    at here'; e.code = 'X'; e.cause = 'why'; return util.inspect({ e }); })()
(() => { class MyError extends Error {} const e = new MyError('boom'); e.stack = 'Error: boom\\n    at here'; return util.inspect(e); })()
(() => { const e = new Error('boom'); e.stack = 'Error: boom'; return util.inspect([e]); })()
util.format('%s %d %i %f %j %o %O %c%%', 'a', '1.5', '1.7', '2.5', { a: 1 }, { b: [1] }, { c: { d: { e: { f: 1 } } } }, 'css')
util.format('%s|%s|%s|%s', { a: { b: 1 } }, new Date(0), { toString: () => 'own' }, [1, [2]])
util.format('%s %s', 'one') + util.format('x', { y: 1 }, 'z') + util.format(1, 'a') + util.format('%j', (() => { const a = {}; a.a = a; return a; })())
JSON.stringify(util.parseArgs({ args: ['-vf', 'in.txt', '--level=3', '--tag', 'a', '--tag', 'b', 'rest', '--', '--no'], allowPositionals: true, options: { verbose: { type: 'boolean', short: 'v' }, file: { type: 'string', short: 'f' }, level: { type: 'string' }, tag: { type: 'string', multiple: true }, dry: { type: 'boolean', default: false } } }))
util.parseArgs({ args: ['--nope'], options: {} })
util.parseArgs({ args: ['--nope'], options: {}, allowPositionals: true })
util.parseArgs({ args: ['x'], options: {} })
util.parseArgs({ args: ['--a'], options: { a: { type: 'string', short: 's' } } })
util.parseArgs({ args: ['--a=1'], options: { a: { type: 'boolean' } } })
util.promisify(1)
path.join(1)
path.join(undefined)
new events.EventEmitter().on('x', { a: 1 })
new events.EventEmitter().emit('error', { a: 1 })
crypto.createHash('nope')
crypto.createHash('RSA-SHA256').update('x').digest('base64url')
crypto.createHash('md5').update(5)
crypto.randomInt(5, 5)
['aes-128-gcm', 'aes-192-ctr', 'aes-256-cbc', 'aes-128-cbc', 'AES-256-GCM', 'aes-256-ctr'].map((name) => [0, 1, 15, 16, 17, 100].map((n) => { const key = Buffer.from(Array.from({ length: name.slice(4, 7) / 8 }, (_, i) => i * 7)); const c = crypto.createCipheriv(name, key, Buffer.alloc(16, 5)); const text = 'grüße'.repeat(n); const hex = c.update(text, 'utf8', 'hex') + c.final('hex') + (/gcm/i.test(name) ? c.getAuthTag().toString('hex') : ''); const d = crypto.createDecipheriv(name, key, Buffer.alloc(16, 5)); if (/gcm/i.test(name)) d.setAuthTag(c.getAuthTag()); const body = Buffer.from(hex, 'hex').subarray(0, /gcm/i.test(name) ? -16 : undefined); return hex + ' ' + (Buffer.concat([d.update(body.subarray(0, 21)), d.update(body.subarray(21)), d.final()]).toString() === text); }).join()).join()
(() => { const c = crypto.createCipheriv('aes-256-gcm', 'k'.repeat(32), 'n'.repeat(12), { authTagLength: 12 }); c.setAAD(Buffer.from('header')); return c.update('a').toString('hex') + c.update(Buffer.alloc(40), undefined, 'hex') + c.final('hex') + c.getAuthTag().toString('hex') + c.constructor.name; })()
(() => { const c = crypto.createCipheriv('aes-128-cbc', Buffer.alloc(16), Buffer.alloc(16)); c.setAutoPadding(false); return c.update(Buffer.alloc(32, 3)).toString('hex') + c.final('hex'); })()
['base64', 'utf8', 'hex', 'latin1'].map((encoding) => [0, 5, 16, 31, 50].map((n) => { const c = crypto.createCipheriv('aes-256-cbc', Buffer.alloc(32), Buffer.alloc(16)); const d = crypto.createDecipheriv('aes-256-cbc', Buffer.alloc(32), Buffer.alloc(16)); const sealed = Buffer.concat([c.update('€ü😀'.repeat(n)), c.final()]); return d.update(sealed.subarray(0, 33), undefined, encoding) + d.update(sealed.subarray(33, 50), undefined, encoding) + d.update(sealed.subarray(50), undefined, encoding) + d.final(encoding); }).join()).join()
crypto.createCipheriv('aes-256-gcm', Buffer.alloc(5), Buffer.alloc(12))
crypto.createCipheriv('aes-256-cbc', Buffer.alloc(32), Buffer.alloc(12))
crypto.createCipheriv('aes-256-cbc', 'x'.repeat(32), null)
crypto.createCipheriv('aes-256-cbc', 5, null)
crypto.createCipheriv('foo', Buffer.alloc(32), Buffer.alloc(16))
(() => { const d = crypto.createDecipheriv('aes-256-cbc', Buffer.alloc(32), Buffer.alloc(16)); d.update(Buffer.alloc(16, 9)); return d.final(); })()
crypto.createDecipheriv('aes-256-cbc', Buffer.alloc(32), Buffer.alloc(16)).final()
(() => { const d = crypto.createDecipheriv('aes-256-gcm', Buffer.alloc(32), Buffer.alloc(12)); d.setAuthTag(Buffer.alloc(16)); d.update(Buffer.alloc(17, 9)); return d.final(); })()
(() => { const d = crypto.createDecipheriv('aes-256-gcm', Buffer.alloc(32), Buffer.alloc(12)); d.setAuthTag(Buffer.alloc(3)); })()
crypto.createCipheriv('aes-256-gcm', Buffer.alloc(32), Buffer.alloc(12)).getAuthTag()
(() => { const c = crypto.createCipheriv('aes-256-gcm', Buffer.alloc(32), Buffer.alloc(12)); c.final(); return c.final(); })()
(() => { const c = crypto.createCipheriv('aes-256-gcm', Buffer.alloc(32), Buffer.alloc(12)); c.final(); return c.update('x'); })()
(() => { const c = crypto.createCipheriv('aes-256-cbc', Buffer.alloc(32), Buffer.alloc(16)); return c.update(7); })()
Buffer.from('a-_b', 'base64url').toString('base64url') + Buffer.from([255, 254]).toString('base64url') + Buffer.isEncoding('base64url')
JSON.stringify(url.parse('http://u:p@h:1/p?q=1#f', true).query)
url.format({ protocol: 'http', host: 'x.y', pathname: '/p', query: { a: 1 } })
assert.equal(1, 2)
assert.notEqual(1, 1)
assert.strictEqual(1, 2)
assert.notStrictEqual(1, 1)
assert.match('abc', /x/)
assert.throws(() => { throw new Error('x'); }, /y/)
(() => { const e = new Error('m'); e.stack = 'S'; return Object.keys(e).join() + JSON.stringify({ ...e }) + e.stack; })()
Promise.name + Promise.resolve().constructor.name
`.trim().split('\n');

type Modules = { readonly [name: string]: unknown };

test('what the modules give and say is what Node\'s do', async () => {
  const evaluate = `(expressions, log, evaluate) => { for (const text of expressions) { try { log(String(evaluate(text))); } catch (error) { log(error.name + ' ' + error.code + ' ' + error.message); } } }`;
  const modules: Modules = { assert, crypto, events, path, url, util };
  const wanted: string[] = [];
  const names = Object.keys(modules);
  const inNode = (text: string): unknown => (runInThisContext(`(function (${names.join(', ')}, Buffer) { return ${text} })`) as (...args: unknown[]) => unknown)(...Object.values(modules), Buffer);
  (runInThisContext(evaluate) as (e: string[], log: (text: string) => void, run: (text: string) => unknown) => void)(EXPRESSIONS, (text) => wanted.push(text), inNode);
  const code = `${names.map((name) => `import ${name} from '${name}';`).join('\n')}
    (${evaluate})(${JSON.stringify(EXPRESSIONS)}, console.log, (text: string) => new Function(${names.map((name) => `'${name}'`).join(', ')}, 'return ' + text)(${names.join(', ')}));`;
  const process = await startTestProcess({ 'src/main.ts': code });
  process.run();
  expect(EXPRESSIONS.map((text, i) => `${text}\n${process.logs[i]}`)).toEqual(EXPRESSIONS.map((text, i) => `${text}\n${wanted[i]}`));
});

test('Promise.any says that all were rejected', async () => {
  const process = await startTestProcess({ 'src/main.ts': `Promise.any([Promise.reject(1)]).catch((e) => console.log(e.name, e.message, e.errors, new AggregateError([]).message === ''));` });
  process.run();
  expect(process.logs).toEqual(['AggregateError All promises were rejected [1] true']);
});

/** What a promise of the Web Crypto API comes to, as text. */
const SUBTLE = `async (subtle, log) => {
  const text = (bytes) => Buffer.from(bytes).toString('hex');
  const key = (name, usages = ['encrypt', 'decrypt'], n = 32, more = {}) => subtle.importKey('raw', Buffer.alloc(n, 7), { name, ...more }, true, usages);
  const data = Buffer.from('What is secret is told to nobody.');
  const iv = Buffer.alloc(16, 9);
  const attempts = [
    async () => text(await subtle.encrypt({ name: 'AES-GCM', iv, tagLength: 128 }, await key('AES-GCM'), data)),
    async () => text(await subtle.encrypt({ name: 'aes-gcm', iv: iv.subarray(0, 12), additionalData: Buffer.from('a') }, await key('AES-GCM', ['encrypt'], 16), new Uint8Array(0))),
    async () => text(await subtle.encrypt({ name: 'AES-CBC', iv }, await key('AES-CBC'), data)),
    async () => text(await subtle.encrypt({ name: 'AES-CTR', counter: iv, length: 64 }, await key('AES-CTR'), data)),
    async () => { const k = await key('AES-GCM'); const a = { name: 'AES-GCM', iv }; return String(Buffer.from(await subtle.decrypt(a, k, await subtle.encrypt(a, k, data)))); },
    async () => { const k = await key('AES-CBC'); const a = { name: 'AES-CBC', iv }; return String(Buffer.from(await subtle.decrypt(a, k, await subtle.encrypt(a, k, data)))); },
    async () => subtle.decrypt({ name: 'AES-GCM', iv }, await key('AES-GCM'), Buffer.alloc(20)),
    async () => subtle.decrypt({ name: 'AES-GCM', iv }, await key('AES-GCM'), Buffer.alloc(2)),
    async () => subtle.decrypt({ name: 'AES-CBC', iv }, await key('AES-CBC'), Buffer.alloc(16)),
    async () => subtle.encrypt({ name: 'AES-GCM', iv }, await key('AES-GCM', ['decrypt']), data),
    async () => subtle.encrypt({ name: 'AES-CBC', iv }, await key('AES-GCM'), data),
    async () => key('AES-GCM', ['encrypt'], 5),
    async () => key('AES-GCM', []),
    async () => key('AES-GCM', ['sign']),
    async () => key('NOPE'),
    async () => subtle.exportKey('raw', await subtle.importKey('raw', Buffer.alloc(16), 'AES-GCM', false, ['encrypt'])),
    async () => text(await subtle.exportKey('raw', await key('AES-GCM'))),
    async () => { const k = await key('HMAC', ['sign', 'verify'], 20, { hash: 'SHA-512' }); const s = await subtle.sign('HMAC', k, data); return text(s) + (await subtle.verify('HMAC', k, s, data)) + (await subtle.verify('HMAC', k, Buffer.alloc(64), data)); },
    async () => { const k = await key('AES-GCM'); return [k.type, k.extractable, k.algorithm.name, k.algorithm.length, k.usages, String(k), k instanceof CryptoKey].join(); },
    async () => { const k = await subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, ['encrypt']); return (await subtle.exportKey('raw', k)).byteLength; },
    async () => subtle.generateKey({ name: 'AES-GCM', length: 250 }, true, ['encrypt']),
    async () => text(await subtle.digest('SHA-384', data)),
    async () => subtle.digest('MD5', data),
  ];
  for (const attempt of attempts) log(await attempt().then(String, (error) => error.name + ': ' + error.message));
}`;

test('crypto.subtle gives and says what Node\'s does', async () => {
  const wanted: string[] = [];
  await (runInThisContext(SUBTLE) as (subtle: unknown, log: (text: string) => void) => Promise<void>)(crypto.webcrypto.subtle, (text) => wanted.push(text));
  const process = await startTestProcess({ 'src/main.ts': `import { webcrypto } from 'node:crypto';\n(${SUBTLE})(webcrypto.subtle, console.log);` });
  process.run();
  expect(process.logs).toEqual(wanted);
});

test('the module that a process was started with is require.main', async () => {
  const process = await startTestProcess({
    'src/main.ts': `import { imported } from './other'; console.log(require.main === module, imported, module.parent);`,
    'src/other.ts': `export const imported = [require.main === module, require.main!.filename, module.parent!.id];`,
  });
  process.run();
  expect(process.logs).toEqual(['true [false,"/app/src/main.ts","/app/src/main.ts"] undefined']);
});

test('process.nextTick comes before promise jobs, but inside one after all of them', async () => {
  const code = `const say = (text) => log.push(text); const log = [];
    const round = (name) => { Promise.resolve().then(() => say(name + ' promise')); process.nextTick(() => { say(name + ' tick'); process.nextTick(() => say(name + ' inner tick')); Promise.resolve().then(() => say(name + ' tick promise')); }); queueMicrotask(() => say(name + ' micro')); };
    round('main'); setTimeout(() => round('timer'), 5); setImmediate(() => Promise.resolve().then(() => round('job')));
    setTimeout(() => done(log.join()), 20);`;
  const wanted = await new Promise<string>((done) => (runInThisContext(`(function (process, setTimeout, setImmediate, queueMicrotask, done) { ${code} })`) as (...args: unknown[]) => void)(process, setTimeout, setImmediate, queueMicrotask, done));
  const ours = await startTestProcess({ 'src/main.ts': `const done = console.log; ${code}` });
  ours.run();
  // Who calls is a promise job here, the main module there.
  expect(ours.logs[0]!.split(',').filter((text) => !text.startsWith('main'))).toEqual(wanted.split(',').filter((text) => !text.startsWith('main')));
  expect(ours.logs[0]).toMatch(/^main tick,main inner tick,main promise,main micro,main tick promise/);
});

test('who listens for unhandled rejections gets the promise', async () => {
  const process = await startTestProcess({ 'src/main.ts': `const lost = Promise.reject(new Error('lost')); process.on('unhandledRejection', (reason, promise) => console.log((reason as Error).message, promise === lost));` });
  process.run();
  expect(process.logs).toEqual(['lost true']);
});
