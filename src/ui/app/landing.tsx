import { ArrowRight, FlaskConical, History, ShieldCheck, Zap } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { Link } from 'wouter';
import { Recording } from './recording.tsx';
import { PageHeader, usePageTitle } from './shell.tsx';

/** What this is, in one sentence and one moving picture. */
export function Landing() {
  const t = useTranslations('landing');
  usePageTitle();
  const facts = [
    { icon: FlaskConical, title: t('factReal'), text: t('factRealText') },
    { icon: History, title: t('factBack'), text: t('factBackText') },
    { icon: ShieldCheck, title: t('factTrue'), text: t('factTrueText') },
  ];
  return (
    <div className="mx-auto flex min-h-dvh max-w-[1360px] flex-col px-6">
      <PageHeader>
        <Link href="/scenarios" className="btn btn-ghost btn-small no-underline">
          {t('all')}
        </Link>
      </PageHeader>
      <main className="flex flex-1 flex-col justify-center py-8">
        <div className="grid items-center gap-10 lg:grid-cols-[minmax(0,1fr)_minmax(0,1.62fr)]">
          <div>
            <h1 className="m-0 text-[clamp(2.1rem,3.9vw,3.4rem)] leading-[1.06] font-bold tracking-[-0.03em] text-balance">{t('title')}</h1>
            <p className="mt-5 mb-8 text-[1.25rem] leading-relaxed text-dim text-pretty">{t('sentence')}</p>
            <div className="flex flex-wrap gap-3">
              <Link href="/s/crash-and-replay/beat=crash" className="btn btn-primary !min-h-12 !px-5 text-[1.12rem] no-underline" data-testid="start">
                <Zap size={18} aria-hidden /> {t('start')} <ArrowRight size={18} aria-hidden />
              </Link>
              <Link href="/scenarios" className="btn !min-h-12 !px-5 text-[1.12rem] no-underline">
                {t('all')}
              </Link>
            </div>
          </div>
          <Recording />
        </div>
        <ul className="m-0 mt-14 grid list-none gap-6 p-0 md:grid-cols-3">
          {facts.map(({ icon: Icon, title, text }) => (
            <li key={title} className="border-t border-line pt-4">
              <h2 className="m-0 flex items-center gap-2 text-[1.1rem] font-semibold">
                <Icon size={17} aria-hidden className="text-done" /> {title}
              </h2>
              <p className="mt-1 mb-0 text-dim">{text}</p>
            </li>
          ))}
        </ul>
      </main>
      <footer className="py-5 text-[0.92rem] text-dim">{t('footer')}</footer>
    </div>
  );
}
