import type { Locale, Messages } from '../i18n/messages.ts';

declare module 'use-intl' {
  /** Makes unknown keys a compile error. */
  interface AppConfig {
    Locale: Locale;
    Messages: Messages;
  }
}
