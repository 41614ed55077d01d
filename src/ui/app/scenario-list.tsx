import { ArrowRight } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { Link } from 'wouter';
import { scenarios } from './catalog.ts';
import { useSettings } from './settings.ts';
import { Logo, ThemeAndLanguage } from './shell.tsx';

/** All scenarios by chapter. */
export function ScenarioList() {
  const t = useTranslations('scenarios');
  const locale = useSettings((settings) => settings.locale);
  const chapters = [...new Set(scenarios.map((scenario) => scenario.chapter))];
  return (
    <div className="mx-auto max-w-5xl px-5 pb-16">
      <header className="flex h-14 items-center gap-2">
        <Logo />
        <span className="flex-1" />
        <ThemeAndLanguage />
      </header>
      <main>
        <h1 className="mt-10 mb-2 text-3xl font-bold tracking-tight">{t('title')}</h1>
        <p className="mt-0 mb-8 max-w-prose text-[1.08rem] text-dim">{t('intro')}</p>
        {chapters.map((chapter) => (
          <section key={chapter} className="mb-10">
            <h2 className="mb-3 text-[1.05rem] font-semibold text-dim">{t('chapter', { chapter: String(chapter) })}</h2>
            <ul className="m-0 grid list-none grid-cols-1 gap-3 p-0 sm:grid-cols-2 lg:grid-cols-3">
              {scenarios
                .filter((scenario) => scenario.chapter === chapter)
                .map((scenario) => (
                  <li key={scenario.slug}>
                    <Link href={`/s/${scenario.slug}`} className="group flex h-full flex-col rounded-2xl border border-line bg-panel p-4 text-ink no-underline transition-colors hover:border-edge">
                      <span className="text-[0.86rem] text-dim">§ {scenario.section}</span>
                      <span className="mt-1 text-[1.15rem] font-semibold tracking-tight">{scenario.title[locale]}</span>
                      <span className="mt-1 flex-1 text-dim">{scenario.summary[locale]}</span>
                      <span className="mt-3 flex items-center gap-1 font-medium text-done">
                        {t('open')} <ArrowRight size={15} aria-hidden className="transition-transform group-hover:translate-x-1" />
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
