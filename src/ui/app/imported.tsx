import { lazy, Suspense, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Requests } from '../../protocol/messages.ts';
import { TraceModel } from '../../trace/model.ts';
import { EventHistory } from '../panes/history/history.tsx';
import { useViewer, useViewerState, ViewerProvider } from '../viewer/context.tsx';
import { createViewer, type EngineLink, type Viewer } from '../viewer/viewer.ts';

const Timeline = lazy(() => import('../panes/timeline/timeline.tsx'));

export type Imported = Extract<Requests['importHistory']['response'], { readonly ok: true }>;

/** A history from elsewhere in the panes that show ours: its events and its timeline, up to the event that is chosen. */
export function ImportedHistory({ imported, link }: { imported: Imported; link: EngineLink }) {
  const tc = useTranslations('common');
  const [viewer] = useState(() => viewerOf(imported, link));
  return (
    <ViewerProvider value={viewer}>
      <div className="grid h-[52dvh] gap-3 max-md:grid-rows-2 md:grid-cols-2" data-testid="imported">
        <div className="flex min-h-0 flex-col overflow-hidden rounded-lg border border-line">
          <EventHistory />
        </div>
        <div className="flex min-h-0 flex-col overflow-hidden rounded-lg border border-line">
          <Suspense fallback={<p className="p-4 text-dim">{tc('loading')}</p>}>
            <Timeline />
          </Suspense>
        </div>
      </div>
      <UpTo />
    </ViewerProvider>
  );
}

function UpTo() {
  const t = useTranslations('importHistory');
  const viewer = useViewer();
  const step = useViewerState((state) => state.step);
  const last = useViewerState((state) => state.model.head(0));
  return (
    <label className="mt-2 flex items-center gap-3 text-dim">
      <span className="tabular shrink-0">{t('upTo', { n: step, of: last })}</span>
      <input type="range" className="min-w-0 flex-1" min={1} max={last} value={step} onChange={(change) => viewer.goTo(Number(change.target.value))} />
    </label>
  );
}

/** No engine stands behind it: all that there will ever be is there. */
function viewerOf({ history }: Imported, link: EngineLink): Viewer {
  const viewer = createViewer({ ...link, runTo: (_, headStep) => Promise.resolve({ headStep }) });
  const model = new TraceModel(history.start);
  model.setBranch({ id: 0, parent: null, forkStep: 0, label: '', ended: 'idle' });
  model.append(0, 0, history.entries);
  const step = model.head(0);
  viewer.store.setState({ model, version: model.version, step, frame: model.frameAt(0, step), branches: [{ id: 0, parent: null, forkStep: 0, label: '', headStep: step, ended: 'idle' }] });
  return viewer;
}
