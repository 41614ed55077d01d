import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { Tooltip } from 'radix-ui';
import { lazy, Suspense } from 'react';
import { Toaster } from 'sonner';
import { IntlProvider, useTranslations } from 'use-intl';
import { Route, Router, Switch, useLocation } from 'wouter';
import { useHashLocation } from 'wouter/use-hash-location';
import { messages } from '../../i18n/messages.ts';
import { Guarded } from '../kit/kit.tsx';
import type { EngineLink } from '../viewer/viewer.ts';
import { Landing } from './landing.tsx';
import { ScenarioList } from './scenario-list.tsx';
import { useSettings } from './settings.ts';
import { Nowhere } from './shell.tsx';

const Stage = lazy(() => import('./stage.tsx'));
const Bench = lazy(() => import('./bench.tsx'));

const queries = new QueryClient({
  defaultOptions: {
    // Nothing here comes from a network that could be down or change its mind.
    queries: { networkMode: 'always', retry: 0, staleTime: Infinity, refetchOnWindowFocus: false, structuralSharing: false },
  },
});

/** Everything on screen. `connect` makes a line to an engine; it is called once, when the first stage opens. */
export function App({ connect }: { connect: () => EngineLink }) {
  const { theme, locale } = useSettings();
  return (
    <IntlProvider locale={locale} messages={messages[locale]} timeZone="UTC">
      <QueryClientProvider client={queries}>
        <Tooltip.Provider delayDuration={350}>
          <Router hook={useHashLocation}>
            <Routes connect={connect} />
          </Router>
          <Toaster theme={theme} position="bottom-right" offset={{ bottom: 120, right: 14 }} mobileOffset={{ bottom: 140 }} toastOptions={{ className: 'toast' }} />
        </Tooltip.Provider>
      </QueryClientProvider>
    </IntlProvider>
  );
}

function Routes({ connect }: { connect: () => EngineLink }) {
  const t = useTranslations('common');
  const [path] = useLocation();
  return (
    <Guarded name="page" message={t('paneBroke')} retry={t('tryAgain')}>
      <Suspense fallback={<p className="p-8 text-center text-dim">{t('loading')}</p>}>
        <Switch>
          <Route path="/s/:slug/:where?">{({ slug, where }) => <Stage key={slug} slug={slug} where={where ?? ''} connect={connect} />}</Route>
          <Route path="/scenarios">
            <ScenarioList />
          </Route>
          <Route path="/bench/:where?">{({ where }) => <Bench key={where ?? ''} where={where ?? ''} connect={connect} />}</Route>
          <Route path="/">
            <Landing />
          </Route>
          <Route>
            <Nowhere message={t('noPage', { path })} />
          </Route>
        </Switch>
      </Suspense>
    </Guarded>
  );
}
