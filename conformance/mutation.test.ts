import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStream, nextInt } from '../src/base/random.ts';
import type { ReplayVerdict } from '../src/api/verdict.ts';
import { replayGenuineAll, stopGenuine, type GenuineVerdict } from './genuine.ts';
import { readGoldens, type Golden, type GoldenRun } from './goldens.ts';
import { damaging, meaningful, mutate } from './mutations.ts';
import { replayOurs } from './ours.ts';

afterAll(stopGenuine);

const subjects = readGoldens().flatMap((golden) => golden.runs.filter(({ events }) => events.length > 5).map((run) => ({ golden, run })));
interface Subject {
  readonly golden: Golden;
  readonly run: GoldenRun;
}

/** Milliseconds after which the genuine worker will not answer any more. */
const HANG_LIMIT = 6000;
const damagedCount = Number(process.env.MUTATIONS ?? 2000);
const comparedCount = Number(process.env.COMPARED ?? 200);
const comparedProjects = 20;

const ours = (subject: Subject, events: readonly unknown[]) => replayOurs(subject.golden.workflowsPath, JSON.stringify({ events }), subject.run.workflowId);

it(`gives a verdict for ${damagedCount} damaged histories and never hangs`, { timeout: 600_000 }, async () => {
  const random = createStream(1, 'damage');
  const kinds: Record<string, number> = {};
  const slow: string[] = [];
  for (let i = 0; i < damagedCount; i++) {
    const subject = subjects[nextInt(random, 0, subjects.length - 1)]!;
    const { events, what } = mutate(subject.run.events, nextInt(random, 0, 3) === 0 ? meaningful : damaging, random);
    const start = process.cpuUsage();
    const verdict = await ours(subject, events).catch((error: unknown) => {
      throw new Error(`mutation ${i} of ${subject.golden.name}/${subject.run.file} (${what}): ${String(error)}`);
    });
    const used = process.cpuUsage(start);
    const took = (used.user + used.system) / 1000;
    if (took > 5000) slow.push(`mutation ${i} (${what}) took ${took} ms of processor time`);
    kinds[verdict.kind] = (kinds[verdict.kind] ?? 0) + 1;
    expect(verdict.ok).toBe(verdict.kind === 'ok');
    if (!verdict.ok) expect(verdict.message, `mutation ${i} of ${subject.run.file} (${what}) says why`).not.toBe('');
  }
  console.log(`damaged histories: ${JSON.stringify(kinds)}`);
  expect(slow).toEqual([]);
});

describe(`${comparedCount} changes of type, id or order`, () => {
  interface Case {
    readonly subject: Subject;
    readonly what: string;
    readonly events: readonly unknown[];
    readonly mine: ReplayVerdict;
    readonly genuine: GenuineVerdict;
  }
  const cases: Case[] = [];
  const controls: Case[] = [];

  beforeAll(async () => {
    const random = createStream(Number(process.env.MUTATION_SEED ?? 1), 'meaning');
    // Not of all projects: bundling one for the genuine worker takes seconds.
    const paths = [...new Set(subjects.map(({ golden }) => golden.workflowsPath))];
    while (paths.length > comparedProjects) paths.splice(nextInt(random, 0, paths.length - 1), 1);
    const compared = subjects.filter(({ golden }) => paths.includes(golden.workflowsPath));
    const drawn = Array.from({ length: comparedCount }, () => {
      const subject = compared[nextInt(random, 0, compared.length - 1)]!;
      return { subject, ...mutate(subject.run.events, meaningful, random) };
    });
    for (const path of paths) {
      const untouched = compared.filter(({ golden }) => golden.workflowsPath === path).map((subject) => ({ subject, what: 'untouched', events: subject.run.events }));
      const group = [...untouched, ...drawn.filter(({ subject }) => subject.golden.workflowsPath === path)];
      const verdicts = await replayGenuineAll(path, group.map(({ events, subject }) => ({ history: { events }, workflowId: subject.run.workflowId })), HANG_LIMIT);
      for (const [i, one] of group.entries()) (i < untouched.length ? controls : cases).push({ ...one, genuine: verdicts[i]!, mine: await ours(one.subject, one.events) });
    }
  }, 900_000);

  it('replay in both when nothing is changed', () => {
    console.log(`untouched controls: ${controls.length}`);
    expect(controls.filter(({ mine, genuine }) => !mine.ok || !genuine.ok)).toEqual([]);
    expect(controls.length).toBeGreaterThan(comparedProjects);
  });

  it('have the verdict of the genuine worker', () => {
    const wrong = cases.filter(({ mine, genuine }) => mine.ok !== genuine.ok || (genuine.kind !== 'panic' && mine.kind !== genuine.kind) || mine.message !== genuine.message);
    const panics = cases.filter(({ genuine }) => genuine.kind === 'panic').length;
    expect(cases.length).toBe(comparedCount);
    console.log(`compared ${cases.length}: ${cases.filter(({ mine }) => mine.ok).length} ok, ${cases.filter(({ mine }) => mine.kind === 'nondeterminism').length} nondeterminism, ${panics} at which the genuine worker panics`);
    expect(
      wrong.map(({ subject, what, mine, genuine }) => `${subject.golden.name}/${subject.run.file} (${what})\n  genuine ${genuine.kind}: ${genuine.message.slice(0, 300)}\n  ours    ${mine.kind}: ${mine.message.slice(0, 300)}`).join('\n'),
    ).toBe('');
  });
});
