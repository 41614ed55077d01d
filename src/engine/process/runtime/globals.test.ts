import { describe, expect, test } from 'vitest';
import { startTestProcess } from './testing.ts';

/** Runs one file as a client and gives its log. */
async function logOf(code: string, options: Parameters<typeof startTestProcess>[1] = {}): Promise<string[]> {
  const process = await startTestProcess({ 'src/main.ts': code }, options);
  process.run();
  return process.logs;
}

describe('log text', () => {
  test('strings as they are, other values as JSON, joined by one space', async () => {
    expect(await logOf(`console.log('a', 1, { b: [true, null] }, undefined, 'x y', 10n); console.error('e %s', 'z')`)).toEqual(['a 1 {"b":[true,null]} undefined x y 10n', 'e %s z']);
  });
});

describe('virtual time', () => {
  test('Date, performance and timers', async () => {
    const code = `
      const start = performance.now();
      console.log(new Date().toISOString(), Date.now(), new Date(2026, 0, 2).toISOString(), new Date('2026-03-01T10:00:00').toISOString(), String(new Date(0)));
      setTimeout(() => console.log('b', performance.now() - start), 20);
      const i = setInterval(() => { console.log('i', Date.now()); clearInterval(i); }, 5);
      setImmediate(() => console.log('immediate'));
      process.nextTick(() => console.log('tick'));
      Promise.resolve().then(() => console.log('job'));
      queueMicrotask(() => console.log('microtask'));
      setTimeout(() => console.log('never'), 10).unref();
      console.log('sync');`;
    const base = Date.UTC(2026, 0, 1);
    expect(await logOf(code)).toEqual([
      `2026-01-01T00:00:00.000Z ${base} 2026-01-02T00:00:00.000Z 2026-03-01T10:00:00.000Z Thu Jan 01 1970 00:00:00 GMT+0000 (Coordinated Universal Time)`,
      'sync', 'tick', 'job', 'microtask', 'immediate', `i ${base + 5}`, 'never', 'b 20',
    ]);
  });
});

describe('seeded chance', () => {
  const code = `
    import { randomUUID, randomBytes } from 'node:crypto'; import { v4 } from 'uuid'; import { nanoid } from 'nanoid';
    console.log(Math.random(), randomUUID(), crypto.randomUUID(), randomBytes(4).toString('hex'), v4(), nanoid());`;
  test('the same seed gives the same, another seed gives other', async () => {
    const a = await logOf(code);
    expect(await logOf(code)).toEqual(a);
    const b = await logOf(code, { boot: { seed: [9, 2, 3, 4] } });
    expect(new Set([...(a[0] as string).split(' '), ...(b[0] as string).split(' ')]).size).toBe(12);
  });
});

describe('the end of a process', () => {
  const exit = async (code: string) => {
    const process = await startTestProcess({ 'src/main.ts': code });
    process.run();
    return { code: process.exitCode, logs: process.logs };
  };
  test('0 when nothing is left', async () => expect(await exit(`setTimeout(() => console.log('x'), 100)`)).toEqual({ code: 0, logs: ['x'] }));
  test('process.exit ends at once', async () => expect(await exit(`setTimeout(() => {}, 100); process.on('exit', (c) => console.log('bye', c)); process.exit(3); console.log('no')`)).toEqual({ code: 3, logs: ['bye 3'] }));
  test('an uncaught error names the line', async () => {
    const result = await exit(`const a = 1;\nfunction f() {\n  throw new TypeError('boom');\n}\nf();`);
    expect(result.code).toBe(1);
    expect(result.logs[0]).toMatch(/^src\/main\.ts:\d+\nTypeError: boom\n    at f \(\/app\/src\/main\.ts/);
  });
  test('a rejection nobody handles', async () => {
    const result = await exit(`async function main() { await new Promise((r) => setTimeout(r, 5)); throw new Error('late'); }\nmain();`);
    expect(result).toMatchObject({ code: 1 });
    expect(result.logs[0]).toContain('Error: late');
  });
  test('uncaughtException listeners', async () => expect(await exit(`process.on('uncaughtException', (e) => console.log('caught', e.message)); setTimeout(() => { throw new Error('x') }, 1); setTimeout(() => console.log('on'), 2);`)).toEqual({ code: 0, logs: ['caught x', 'on'] }));
  test('beforeExit may go on', async () => expect(await exit(`let n = 0; process.on('beforeExit', () => { if (n++ === 0) setTimeout(() => console.log('more'), 1); });`)).toEqual({ code: 0, logs: ['more'] }));
});

describe('fetch', () => {
  const fetch = (request: { path: string; body: string; headers: object }) => (request.path === '/lost' || request.path === '/' ? { status: 0, headers: {}, body: '', error: request.path === '/' ? 'ENOTFOUND' : 'ECONNRESET' } : { status: 201, headers: { 'content-type': 'application/json' }, body: JSON.stringify(request) });
  test('reaches services only', async () => {
    const code = `
      (async () => {
        const r = await fetch('http://payments/charge?x=1', { method: 'POST', headers: { 'Idempotency-Key': 'k' }, body: JSON.stringify({ a: 1 }) });
        console.log(r.ok, r.status, await r.json());
        for (const url of ['https://example.com/', 'http://payments/lost', 'http://localhost:3000/', 'https://[::1]/']) await fetch(url).catch((e) => console.log(e.name, e.message, e.cause.code, e.cause.message));
        const c = new AbortController(); const p = fetch('http://payments/slow', { signal: c.signal }); c.abort(); await p.catch((e) => console.log(e.name));
      })();`;
    expect(await logOf(code, { fetch })).toEqual([
      'true 201 {"service":"payments","method":"POST","path":"/charge?x=1","headers":{"content-type":"text/plain;charset=UTF-8","idempotency-key":"k"},"body":"{\\"a\\":1}"}',
      'TypeError fetch failed ENOTFOUND getaddrinfo ENOTFOUND example.com', 'TypeError fetch failed ECONNRESET other side closed',
      'TypeError fetch failed ECONNREFUSED connect ECONNREFUSED 127.0.0.1:3000', 'TypeError fetch failed ECONNREFUSED connect ECONNREFUSED ::1:443', 'AbortError',
    ]);
  });
});

describe('globals and built-ins', () => {
  test('values', async () => {
    const code = `
      import { AsyncLocalStorage } from 'async_hooks'; import assert from 'assert'; import path from 'path'; import { EventEmitter, once } from 'events';
      import { createHash } from 'crypto'; import util from 'util'; import { setTimeout as sleep } from 'timers/promises'; import { fileURLToPath } from 'url'; import os from 'os'; import ms from 'ms';
      const als = new AsyncLocalStorage();
      als.run(7, async () => { await sleep(3); setTimeout(() => console.log('als', als.getStore()), 1); });
      console.log(createHash('sha256').update('abc').digest('hex'), createHash('md5').update('abc').digest('hex'));
      console.log(path.join('/a', '../b', 'c.ts'), path.extname('x.ts'), fileURLToPath('file:///app/x.ts'), os.hostname(), ms('1m'));
      console.log(util.inspect({ a: [1, 'x'], m: new Map([[1, 2]]) }), util.format('%s=%d', 'a', 1));
      try { assert.strictEqual(1, 2) } catch (e) { console.log(e.code) }
      assert.deepStrictEqual({ a: [1] }, { a: [1] });
      console.log(Buffer.from('héllo').toString('base64'), structuredClone({ d: new Date(0), s: new Set([1]) }).d.getTime(), btoa('hi'), new TextDecoder().decode(new TextEncoder().encode('ü')));
      const u = new URL('../x?q=1#h', 'http://h:8080/a/b/'); u.searchParams.append('z', 'a b'); console.log(u.href, u.origin);
      const e = new EventEmitter(); once(e, 'x').then(([v]) => console.log('once', v)); e.emit('x', 5);
      console.log(AbortSignal.abort().aborted, __filename, typeof require, process.argv.join(' '), process.env.FOO);`;
    expect(await logOf(code, { boot: { argv: ['--x'], env: { FOO: 'bar' } } })).toEqual([
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad 900150983cd24fb0d6963f7d28e17f72',
      '/b/c.ts .ts /app/x.ts client-1 60000',
      "{ a: [ 1, 'x' ], m: Map(1) { 1 => 2 } } a=1", 'ERR_ASSERTION', 'aMOpbGxv 0 aGk= ü', 'http://h:8080/a/x?q=1&z=a+b#h http://h:8080',
      'true /app/src/main.ts function /usr/local/bin/node /app/src/main.ts --x bar', 'once 5', 'als 7',
    ]);
  });
});
