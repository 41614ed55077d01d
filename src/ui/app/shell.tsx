import { Languages, Moon, Sun } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Link } from 'wouter';
import { IconButton } from '../kit/kit.tsx';
import { useSettings } from './settings.ts';

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

export function Logo() {
  return (
    <Link href="/" className="shrink-0 rounded-md whitespace-nowrap text-[1.15rem] font-bold tracking-tight text-ink no-underline">
      Replay<span className="text-done">ground</span>
    </Link>
  );
}

export function ThemeAndLanguage() {
  const t = useTranslations('common');
  const { theme, locale, set } = useSettings();
  return (
    <>
      <button type="button" className="btn btn-ghost btn-small" onClick={() => set({ locale: locale === 'en' ? 'de' : 'en' })} lang={locale === 'en' ? 'de' : 'en'}>
        <Languages size={15} aria-hidden />
        <span className="max-sm:sr-only">{t('switchLanguage')}</span>
      </button>
      <IconButton look="ghost" small label={theme === 'dark' ? t('lightTheme') : t('darkTheme')} shortcut="D" onClick={() => set({ theme: theme === 'dark' ? 'light' : 'dark' })}>
        {theme === 'dark' ? <Sun size={15} aria-hidden /> : <Moon size={15} aria-hidden />}
      </IconButton>
    </>
  );
}
