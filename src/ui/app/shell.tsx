import { Languages, Moon, Sun } from 'lucide-react';
import { useEffect, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Link } from 'wouter';
import { IconButton } from '../kit/kit.tsx';
import { useSettings } from './settings.ts';

/** What the tab of the browser is called; pages without a name of their own are called after the app. */
export function usePageTitle(title?: string): void {
  useEffect(() => {
    document.title = title === undefined ? 'Replayground' : `${title} · Replayground`;
  }, [title]);
}

/** What every page but the stage has at its top. */
export function PageHeader({ children }: { children?: ReactNode }) {
  return (
    <header className="flex h-14 items-center gap-2">
      <Logo />
      <span className="flex-1" />
      {children}
      <ThemeAndLanguage />
    </header>
  );
}

/** An address that leads nowhere: says which, and where to go. */
export function Nowhere({ message }: { message: string }) {
  const t = useTranslations('common');
  usePageTitle();
  return (
    <div className="mx-auto max-w-[1240px] px-6">
      <PageHeader />
      <main className="mt-[12dvh] flex flex-col items-center gap-6 text-center">
        <p role="alert" className="m-0 text-[1.4rem] font-semibold tracking-tight">
          {message}
        </p>
        <Link href="/scenarios" className="btn btn-primary no-underline">
          {t('allScenarios')}
        </Link>
      </main>
    </div>
  );
}

export function Logo() {
  return (
    <Link href="/" className="shrink-0 rounded-md whitespace-nowrap text-[1.15rem] font-bold tracking-tight text-ink no-underline">
      Replay<span className="text-done">ground</span>
    </Link>
  );
}

/** `terse`: the language's name only where there is much room; it stays the button's name for screen readers. */
export function ThemeAndLanguage({ terse = false }: { terse?: boolean }) {
  const t = useTranslations('common');
  const { theme, locale, set } = useSettings();
  return (
    <>
      <button type="button" className="btn btn-ghost btn-small" onClick={() => set({ locale: locale === 'en' ? 'de' : 'en' })} lang={locale === 'en' ? 'de' : 'en'}>
        <Languages size={15} aria-hidden />
        <span className={terse ? 'max-[100rem]:sr-only' : 'max-sm:sr-only'}>{t('switchLanguage')}</span>
      </button>
      <IconButton look="ghost" small label={theme === 'dark' ? t('lightTheme') : t('darkTheme')} shortcut="D" onClick={() => set({ theme: theme === 'dark' ? 'light' : 'dark' })}>
        {theme === 'dark' ? <Sun size={15} aria-hidden /> : <Moon size={15} aria-hidden />}
      </IconButton>
    </>
  );
}
