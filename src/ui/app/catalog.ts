import { useQuery } from '@tanstack/react-query';
import type { Locale } from '../../i18n/messages.ts';
import type { Scenario } from '../../scenarios/types.ts';
import { parseLesson, type BeatText } from '../viewer/lesson-text.ts';

/** The scenarios that ship. Projects and lessons are text, fetched when a scenario is opened. */
const definitions = import.meta.glob<Scenario>('../../scenarios/*/scenario.ts', { eager: true, import: 'default' });
const lessons = import.meta.glob<string>('../../scenarios/*/lesson.*.md', { query: '?raw', import: 'default' });
const sources = import.meta.glob<string>(['../../scenarios/*/project/**/*.{ts,json}', '!../../scenarios/*/project/**/tsconfig.json'], { query: '?raw', import: 'default' });

export const scenarios: readonly Scenario[] = Object.values(definitions).sort((a, b) => a.chapter - b.chapter || a.order - b.order);

export const scenarioBySlug = (slug: string): Scenario | undefined => scenarios.find((scenario) => scenario.slug === slug);

/** The one that comes after it in the list. */
export const scenarioAfter = (slug: string): Scenario | undefined => scenarios[scenarios.findIndex((scenario) => scenario.slug === slug) + 1];

/** The lesson's prose in a language, one text a beat. */
export function useLesson(slug: string, locale: Locale): readonly BeatText[] {
  const { data } = useQuery({
    queryKey: ['lesson', slug, locale],
    queryFn: async () => parseLesson((await lessons[`../../scenarios/${slug}/lesson.${locale}.md`]?.()) ?? ''),
  });
  return data ?? [];
}

export type Sources = Readonly<Record<string, string>>;

/** The shipped sources of a scenario by path inside its project. */
export function useSources(slug: string): Sources {
  const { data } = useQuery({ queryKey: ['sources', slug], queryFn: () => loadSources(slug) });
  return data ?? {};
}

async function loadSources(slug: string): Promise<Sources> {
  const prefix = `../../scenarios/${slug}/project/`;
  const found = Object.entries(sources).filter(([path]) => path.startsWith(prefix));
  return Object.fromEntries(await Promise.all(found.map(async ([path, load]) => [path.slice(prefix.length), await load()] as const)));
}
