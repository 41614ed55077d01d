import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { messages } from '../i18n/messages.ts';
import { parseLesson } from '../ui/viewer/lesson-text.ts';
import type { Scenario } from './types.ts';

const folder = dirname(fileURLToPath(import.meta.url));
const readLesson = (slug: string, locale: 'en' | 'de') => readFileSync(join(folder, slug, `lesson.${locale}.md`), 'utf8');
const slugs = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name);

describe.each(slugs)('lesson of %s', (slug) => {
  it.each(['en', 'de'] as const)('has a text for every beat (%s)', async (locale) => {
    const { default: scenario } = (await import(`./${slug}/scenario.ts`)) as { default: Scenario };
    const beats = parseLesson(readLesson(slug, locale));
    expect(beats.length).toBe(scenario.beats.length);
    beats.forEach((beat, i) => {
      const where = `${slug} ${locale} beat ${i + 1}`;
      expect(beat.heading, where).not.toBe('');
      expect(beat.body.length, where).toBeGreaterThan(0);
      if (beat.quiz) {
        expect(beat.quiz.options.filter((option) => option.right), where).toHaveLength(1);
        expect(beat.quiz.options.length, where).toBeGreaterThan(1);
        expect(beat.quiz.explanation, where).not.toBe('');
      }
      // Where the learner has to do something, the text says what.
      if (scenario.beats[i]?.until) expect(beat.invitation, where).not.toBe('');
    });
    expect(beats.filter((beat) => beat.quiz).length).toBeGreaterThan(0);
  });

  it('asks the same questions in both languages', () => {
    const shape = (locale: 'en' | 'de') => parseLesson(readLesson(slug, locale)).map((beat) => [beat.quiz?.options.map((option) => option.right) ?? null, beat.invitation !== '']);
    expect(shape('de')).toEqual(shape('en'));
  });

  it.each(['en', 'de'] as const)('tells the learner to press what is on a button, and to choose what is in the list (%s)', async (locale) => {
    const { default: scenario } = (await import(`./${slug}/scenario.ts`)) as { default: Scenario };
    const { edit, processes, sequence, transport } = messages[locale];
    const buttons: readonly string[] = [processes.crash, processes.restart, transport.play, sequence.polls, edit.run];
    const variants = scenario.variants.map((variant) => variant.title[locale]);
    for (const { invitation } of parseLesson(readLesson(slug, locale))) {
      for (const [, button] of invitation.matchAll(/\*\*(.+?)\*\*/g)) expect(buttons, invitation).toContain(button);
      for (const [, variant] of invitation.matchAll(/(?<!\*)\*([^*]+)\*(?!\*)/g)) expect(variants, invitation).toContain(variant);
    }
  });

  it('names its beats and goals once', async () => {
    const { default: scenario } = (await import(`./${slug}/scenario.ts`)) as { default: Scenario };
    expect(scenario.slug).toBe(slug);
    for (const ids of [scenario.beats.map((beat) => beat.id), scenario.goals.map((goal) => goal.id), scenario.variants.map((variant) => variant.id)]) expect(new Set(ids).size).toBe(ids.length);
  });
});
