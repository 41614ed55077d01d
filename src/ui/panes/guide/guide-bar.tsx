import { ArrowLeft, ArrowRight, Target } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { Button, IconButton } from '../../kit/kit.tsx';
import { useViewer, useViewerState } from '../../viewer/context.tsx';
import type { BeatText } from '../../viewer/lesson-text.ts';
import { Inline } from './guide.tsx';

/** The lesson in front of a class: one line with the moment's heading; the rest is what the trainer says. */
export function GuideBar({ lesson, onNext }: { lesson: readonly BeatText[]; onNext: () => void }) {
  const t = useTranslations('guide');
  const viewer = useViewer();
  const beat = useViewerState((state) => state.beat);
  const text = lesson[beat];
  if (!text) return null;
  return (
    <section aria-label={t('title')} className="flex shrink-0 items-center gap-3 border-b border-line bg-panel px-4 py-2" data-testid="guide-bar">
      <IconButton look="ghost" small label={t('back')} shortcut="PageUp" disabled={beat === 0} onClick={() => viewer.previousBeat()}>
        <ArrowLeft size={16} aria-hidden />
      </IconButton>
      <span className="tabular shrink-0 whitespace-nowrap text-dim">{t('beat', { n: beat + 1, of: lesson.length })}</span>
      <h1 className="m-0 max-w-[60%] shrink-0 truncate text-[1.5rem] leading-tight font-bold tracking-tight">
        <Inline text={text.heading} />
      </h1>
      <span className="flex-1" />
      {text.invitation !== '' && (
        <p className="m-0 hidden min-w-0 items-center gap-1.5 truncate text-dim lg:flex">
          <Target size={15} aria-hidden className="shrink-0" />
          <span className="truncate">
            <Inline text={text.invitation} />
          </span>
        </p>
      )}
      <Button small onClick={onNext}>
        {t('next')} <ArrowRight size={15} aria-hidden />
      </Button>
    </section>
  );
}
