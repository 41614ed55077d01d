import { de } from './de.ts';
import { en, type Messages } from './en.ts';

/** All texts of the interface. English is the measure: the German catalogue has to have the same keys, which the compiler checks. */
export const messages: Readonly<Record<Locale, Messages>> = { en, de };

export type Locale = 'en' | 'de';
export type { Messages };
