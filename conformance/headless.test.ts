import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../src/headless/engine.ts';
import type { RunOutput } from '../src/headless/output.ts';

/** The runner as outside judges call it: through npm, from a folder of their own. */
const root = projectRoot();
const place = join(root, 'build', 'headless-test');

const headless = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync('npm', ['run', '-s', '--prefix', root, 'headless', '--', ...args], { cwd: place, encoding: 'utf8', env: { ...process.env, INIT_CWD: place } });
  return { status, stdout, stderr, json: () => JSON.parse(stdout) as RunOutput };
};
const write = (path: string, text: string | object) => {
  mkdirSync(dirname(join(place, path)), { recursive: true });
  writeFileSync(join(place, path), typeof text === 'string' ? text : JSON.stringify(text));
};

const WORKER = `import { Worker } from '@temporalio/worker';
import * as activities from './activities';
Worker.create({ taskQueue: 'q', workflowsPath: require.resolve('./workflows'), activities }).then((w) => w.run());`;
const CLIENT = `import { Client, Connection } from '@temporalio/client';
import { hello } from './workflows';
async function run() {
  const client = new Client({ connection: await Connection.connect() });
  console.log('args', process.argv.slice(2));
  console.log(await client.workflow.execute(hello, { taskQueue: 'q', workflowId: 'hello-1', args: ['you'] }));
}
run().catch((e) => { console.error(e); process.exit(1); });`;
const WORKFLOWS = `import { proxyActivities, sleep } from '@temporalio/workflow';
import type * as activities from './activities';
const { greet } = proxyActivities<typeof activities>({ startToCloseTimeout: '10s' });
export async function hello(name: string): Promise<string> { await sleep('1 hour'); return greet(name); }`;

beforeAll(() => {
  rmSync(place, { recursive: true, force: true });
  write('ok/src/workflows.ts', WORKFLOWS);
  write('ok/src/worker.ts', WORKER);
  write('ok/src/client.ts', CLIENT);
  write('ok/src/activities.ts', 'export async function greet(name: string): Promise<string> { return `Hello, ${name}`; }');
});

it.each([['--help'], ['run', '-h'], ['replay', 'ok', '--help']])('explains itself: %s %s %s', (...args) => {
  const { status, stdout, stderr } = headless(...args);
  expect([status, stdout]).toEqual([0, '']);
  expect(stderr).toContain('headless replay <dir> --history F');
});

describe('headless run', () => {
  it('prints JSON only, the same text for the same arguments', () => {
    const first = headless('run', 'ok', '--client-args', 'a b');
    expect(first.stderr).toBe('');
    expect(first.status).toBe(0);
    const output = first.json();
    expect(output).toMatchObject({ version: 1, seed: 1, virtualStart: '2026-01-01T00:00:00Z', endedBy: 'idle', violations: [], services: {} });
    expect(output.workflows['hello-1']).toMatchObject({ status: 'COMPLETED', result: 'Hello, you' });
    expect(output.processes['client-1']?.exitCode).toBe(0);
    expect(output.processes['client-1']?.log.map((l) => l.text)).toEqual(['args ["a","b"]', 'Hello, you']);
    expect(Object.keys(output)).toEqual(Object.keys(output).toSorted());
    expect(headless('run', 'ok', '--client-args', 'a b').stdout).toBe(first.stdout);
    expect(headless('run', 'ok', '--client-args', '--help').json().processes['client-1']?.log[0]?.text).toBe('args ["--help"]');
  });

  it('writes to --out, seen from where the user stands', () => {
    expect(headless('run', './ok', '--seed', '2', '--out', 'out.json')).toMatchObject({ status: 0, stdout: '' });
    expect((JSON.parse(readFileSync(join(place, 'out.json'), 'utf8')) as RunOutput).seed).toBe(2);
  });

  it('ends at --until and at --max-steps', () => {
    const until = headless('run', 'ok', '--until', '30m');
    expect(until.status).toBe(0);
    expect(until.json()).toMatchObject({ endedBy: 'until', virtualEnd: '2026-01-01T00:30:00Z' });
    expect(until.json().workflows['hello-1']?.status).toBe('RUNNING');
    const short = headless('run', 'ok', '--max-steps', '5');
    expect(short.status).toBe(3);
    expect(short.json()).toMatchObject({ endedBy: 'max-steps', steps: 5 });
    expect(short.stderr).toContain('stopped after 5 steps (--max-steps)');
  });

  it('says how far a long run is, and what it warned of last', () => {
    write('endless/src/client.ts', "console.warn('again\\nand again');\nsetInterval(() => {}, 1000);");
    const { status, stderr } = headless('run', 'endless', '--worker', 'src/client.ts', '--client', 'none', '--max-steps', '20500');
    expect(status).toBe(3);
    expect(stderr.split('\n')[0]).toMatch(/^20000 steps, the clock shows 2026-01-01T05:3\d:\S+Z; last warning, of worker-1: again$/);
  });

  it('starts several workers and no client on demand', () => {
    const output = headless('run', 'ok', '--workers', '3', '--client', 'none').json();
    expect(Object.keys(output.processes)).toEqual(['worker-1', 'worker-2', 'worker-3']);
    expect(output.workflows).toEqual({});
  });

  it.each<[string, string[], RegExp]>([
    ['no command', [], /Usage/],
    ['an unknown command', ['walk'], /unknown command walk/],
    ['an unknown flag', ['run', 'ok', '--sed', '1'], /--sed/],
    ['a seed that is no number', ['run', 'ok', '--seed', 'x'], /--seed/],
    ['a folder that is not there', ['run', 'nowhere'], /no such folder/],
    ['a duration that is none', ['run', 'ok', '--until', 'soon'], /--until/],
    ['a start time that is none', ['run', 'ok', '--start-time', 'today'], /--start-time/],
    ['a day that is not in the calendar', ['run', 'ok', '--start-time', '2026-02-30T00:00:00Z'], /--start-time/],
    ['a start before ids can be made', ['run', 'ok', '--start-time', '1969-12-31T00:00:00Z'], /--start-time/],
    ['a client that is not there', ['run', 'ok', '--client', 'other.ts'], /other\.ts/],
    ['faults that are not there', ['run', 'ok', '--faults', 'none.json'], /none\.json/],
  ])('refuses %s', (_, args, message) => {
    const { status, stderr, stdout } = headless(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });

  it.each<[string, unknown, RegExp]>([
    ['is no list', {}, /a JSON list/],
    ['names an unknown process', [{ when: { at: '1s' }, do: { kill: 'worker-9' } }], /faults\[0\].*worker-9/],
    ['names an unknown folder', [{ when: { at: '1s' }, do: { start: 'worker-1', dir: 'v9' } }], /v9/],
    ['names an unknown RPC', [{ when: { rpc: 'Nope' }, do: { drop: true } }], /faults\[0\]\.when\.rpc/],
    ['names an unknown event', [{ when: { event: 'ActivityTaskSchedule' }, do: { kill: 'worker-1' } }], /faults\[0\]\.when\.event: the name of an event type/],
    ['has a typing error', [{ when: { at: '1s' }, do: { kil: 'worker-1' } }], /faults\[0\]\.do/],
    ['drops without an RPC', [{ when: { at: '1s' }, do: { drop: true } }], /faults\[0\]/],
  ])('refuses a faults file that %s', (_, faults, message) => {
    write('faults.json', faults as object);
    const { status, stderr } = headless('run', 'ok', '--faults', 'faults.json');
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
  });

  it('refuses code that does not load, with file, line and reason', () => {
    for (const [name, line, reason] of [['syntax', 'const x = ;', /src\/activities\.ts:2:\d+: .*expect/i], ['import', "import fs from 'fs';\nconsole.log(fs);", /src\/activities\.ts:2:\d+: .*fs/]] as const) {
      for (const file of ['workflows', 'worker', 'client', 'activities']) write(`${name}/src/${file}.ts`, readFileSync(join(place, 'ok/src', `${file}.ts`), 'utf8'));
      write(`${name}/src/activities.ts`, `// comment\n${line}\nexport async function greet(): Promise<string> { return ''; }`);
      const { status, stderr } = headless('run', name);
      expect({ name, status }).toEqual({ name, status: 2 });
      expect(stderr).toMatch(reason);
    }
  });
});

describe('headless replay', () => {
  it('says ok, nondeterminism or what is wrong with the file', () => {
    const output = headless('run', 'ok').json();
    const history = output.workflows['hello-1']?.runs[0]?.history;
    write('history.json', history as object);
    expect(headless('replay', 'ok', '--history', 'history.json')).toMatchObject({ status: 0 });
    write('changed/workflows.ts', WORKFLOWS.replace("await sleep('1 hour'); return greet(name);", "const g = await greet(name); await sleep('1 hour'); return g;"));
    const verdict = headless('replay', 'changed', '--history', 'history.json');
    expect(verdict.status).toBe(1);
    expect(JSON.parse(verdict.stdout)).toMatchObject({ ok: false, kind: 'nondeterminism', eventId: 5, line: 4, message: expect.stringMatching(/Activity machine does not handle this event: HistoryEvent\(id: 5, TimerStarted\)/) });
    for (const text of ['{', '[]', '{"events":[{"eventId":"1"}]}', '{"events":[{"eventId":"1","eventType":"EVENT_TYPE_NOPE"}]}']) {
      write('bad.json', text);
      const bad = headless('replay', 'ok', '--history', 'bad.json');
      expect(bad.status).toBe(1);
      expect(JSON.parse(bad.stdout)).toMatchObject({ ok: false, kind: 'failure' });
    }
  });
});

describe('headless schedule-times', () => {
  it('prints the next times', () => {
    write('spec.json', { intervals: [{ every: '1h', offset: '15m' }] });
    const { status, stdout } = headless('schedule-times', 'spec.json', '--from', '2026-01-01T00:00:00Z', '--count', '3');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual(['2026-01-01T00:15:00Z', '2026-01-01T01:15:00Z', '2026-01-01T02:15:00Z']);
  });
});
