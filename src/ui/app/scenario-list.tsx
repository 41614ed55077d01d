import { useQuery } from '@tanstack/react-query';
import { ArrowRight, BookOpen, Target } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { Link } from 'wouter';
import historiesUrl from '../../../build/recordings/histories.json?url';
import { EventIcon } from '../kit/event-icon.tsx';
import { categoryOf, isWorkflowTask, outcomeOf } from '../viewer/events.ts';
import { scenarios } from './catalog.ts';
import { useSettings } from './settings.ts';
import { PageHeader, usePageTitle } from './shell.tsx';

/** All scenarios by chapter, each with the history that it writes. */
export function ScenarioList() {
  const t = useTranslations('scenarios');
  const locale = useSettings((settings) => settings.locale);
  const { data } = useQuery({ queryKey: ['histories'], queryFn: async () => (await (await fetch(historiesUrl)).json()) as Readonly<Record<string, readonly string[]>> });
  usePageTitle(t('title'));
  const chapters = [...new Set(scenarios.map((scenario) => scenario.chapter))];
  return (
    <div className="mx-auto max-w-[1240px] px-6 pb-16">
      <PageHeader />
      <main>
        <h1 className="mt-10 mb-2 text-[2.6rem] leading-tight font-bold tracking-[-0.03em]">{t('title')}</h1>
        <p className="mt-0 mb-9 max-w-prose text-[1.2rem] text-dim">{t('intro')}</p>
        {chapters.map((chapter) => (
          <section key={chapter} className="mb-10">
            <h2 className="mb-3 text-[1.1rem] font-semibold text-dim">{t('chapter', { chapter: String(chapter) })}</h2>
            <ul className="m-0 grid list-none grid-cols-1 gap-4 p-0 sm:grid-cols-2 lg:grid-cols-3">
              {scenarios
                .filter((scenario) => scenario.chapter === chapter)
                .map((scenario) => (
                  <li key={scenario.slug}>
                    <Link href={`/s/${scenario.slug}`} className="group flex h-full flex-col rounded-2xl border border-line bg-panel p-5 text-ink no-underline transition-colors hover:border-edge">
                      <span className="tabular text-[0.92rem] text-dim">§ {scenario.section}</span>
                      <span className="mt-1 text-[1.4rem] leading-tight font-semibold tracking-tight">{scenario.title[locale]}</span>
                      <span className="mt-1.5 flex-1 text-[1.05rem] text-dim">{scenario.summary[locale]}</span>
                      <Events types={data?.[scenario.slug] ?? []} />
                      <span className="mt-4 flex items-center gap-4 border-t border-line pt-3 text-dim">
                        <span className="inline-flex items-center gap-1.5">
                          <BookOpen size={14} aria-hidden /> {t('moments', { n: scenario.beats.length })}
                        </span>
                        <span className="inline-flex items-center gap-1.5">
                          <Target size={14} aria-hidden /> {t('goals', { n: scenario.goals.length })}
                        </span>
                        <span className="ml-auto inline-flex items-center gap-1 font-semibold text-done">
                          {t('open')} <ArrowRight size={15} aria-hidden className="transition-transform group-hover:translate-x-1" />
                        </span>
                      </span>
                    </Link>
                  </li>
                ))}
            </ul>
          </section>
        ))}
      </main>
    </div>
  );
}

/** The history that an undisturbed run writes (with a crash where the scenario is about one), one sign an event. */
function Events({ types }: { types: readonly string[] }) {
  const t = useTranslations('scenarios');
  return (
    <span className="mt-4 flex min-h-11 flex-wrap content-start items-center gap-[0.28rem]" role="img" aria-label={t('events', { n: types.length })}>
      {types.map((eventType, index) => {
        const event = { eventType } as Parameters<typeof categoryOf>[0];
        return <EventIcon key={index} category={categoryOf(event)} task={isWorkflowTask(event)} outcome={outcomeOf(event)} open={!isWorkflowTask(event) && /SCHEDULED|TIMER_STARTED/.test(eventType)} size={15} />;
      })}
    </span>
  );
}
