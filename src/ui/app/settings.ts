import { create } from 'zustand';
import { createJSONStorage, persist } from 'zustand/middleware';
import type { Locale } from '../../i18n/messages.ts';

/** What the viewer remembers between visits. */
export interface Settings {
  readonly theme: 'dark' | 'light';
  readonly locale: Locale;
  /** Larger type, for a projector. */
  readonly large: boolean;
  set(part: Partial<Pick<Settings, 'theme' | 'locale' | 'large'>>): void;
}

/** Where storage is blocked or full, settings last as long as the page: no reason to break it. */
const forgiving = {
  getItem(name: string): string | null {
    try {
      return localStorage.getItem(name);
    } catch {
      return null;
    }
  },
  setItem(name: string, value: string): void {
    try {
      localStorage.setItem(name, value);
    } catch {
      // as said
    }
  },
  removeItem(name: string): void {
    try {
      localStorage.removeItem(name);
    } catch {
      // as said
    }
  },
};

const prefersLight = typeof matchMedia === 'function' && matchMedia('(prefers-color-scheme: light)').matches;
const speaksGerman = typeof navigator !== 'undefined' && /^de\b/i.test(navigator.language);

export const useSettings = create<Settings>()(
  persist(
    (set) => ({
      theme: prefersLight ? 'light' : 'dark',
      locale: speaksGerman ? 'de' : 'en',
      large: false,
      set: (part) => set(part),
    }),
    { name: 'replayground', version: 1, storage: createJSONStorage(() => forgiving) },
  ),
);

/** Two tabs look alike: without this the one that is changed last would overwrite what the other has chosen. Large type is a matter of each window. */
if (typeof addEventListener === 'function')
  addEventListener('storage', ({ key, newValue }) => {
    if (key !== 'replayground' || newValue === null) return;
    const { theme, locale } = (JSON.parse(newValue) as { state: Settings }).state;
    const now = useSettings.getState();
    if (theme !== now.theme || locale !== now.locale) now.set({ theme, locale });
  });
