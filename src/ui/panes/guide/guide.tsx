import { ArrowLeft, ArrowRight, Check, Circle, CircleCheck, CircleDot, CircleX, Pause, Target } from 'lucide-react';
import { Fragment, useLayoutEffect, useRef, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import type { Scenario } from '../../../scenarios/types.ts';
import { Button, Empty } from '../../kit/kit.tsx';
import { useViewer, useViewerState } from '../../viewer/context.tsx';
import { inline, type BeatText, type Block } from '../../viewer/lesson-text.ts';

/** The lesson: one moment at a time, its question, what to do, and the goals. `next` is where to go after its end; `setup` is what a narrow screen has no other room for. */
export function Guide({ scenario, lesson, locale, next, setup }: { scenario: Scenario; lesson: readonly BeatText[]; locale: 'en' | 'de'; next: ReactNode; setup: ReactNode }) {
  const t = useTranslations('guide');
  const viewer = useViewer();
  const beat = useViewerState((state) => state.beat);
  const answers = useViewerState((state) => state.answers);
  const satisfied = useViewerState((state) => state.satisfiedBeats);
  const reached = useViewerState((state) => state.reachedGoals);
  const text = lesson[beat];
  const scroller = useRef<HTMLDivElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  // Who went on from the end of a long text begins the next one at its heading.
  useLayoutEffect(() => {
    if (scroller.current) scroller.current.scrollTop = 0;
  }, [beat]);
  const definition = scenario.beats[beat];
  if (!text) return <Empty>{t('loading')}</Empty>;
  const answer = answers[beat];
  const done = !definition?.until || satisfied.includes(beat);
  const last = beat + 1 >= lesson.length;
  /** The button that was pressed may be none on the new page: the focus goes to where the page begins. */
  const turn = (to: number, page: () => void) => (): void => {
    page();
    if (to === 0 || to === lesson.length - 1) heading.current?.focus();
  };
  return (
    <div className="flex min-h-0 flex-1 flex-col" data-testid="guide">
      <h2 className="pane-title shrink-0">
        {t('title')} <span className="flex-1" />
        <span className="font-medium tracking-normal normal-case">{t('beat', { n: beat + 1, of: lesson.length })}</span>
      </h2>
      <div className="mx-4 mb-3 flex shrink-0 gap-1" aria-hidden>
        {lesson.map((_, index) => (
          <span key={index} className={`h-1 flex-1 rounded-full ${index < beat ? 'bg-done' : index === beat ? 'bg-ink' : 'bg-line'}`} />
        ))}
      </div>
      {/* The text may be longer than the pane; the way on stays in sight. */}
      <div ref={scroller} className="flex min-h-0 flex-1 flex-col overflow-auto" tabIndex={0} role="region" aria-label={t('text')}>
      <article className="flex flex-col gap-3 px-4 pb-4" aria-live="polite">
        <h1 ref={heading} tabIndex={-1} className="m-0 text-[1.42rem] leading-tight font-bold tracking-tight text-balance">
          <Inline text={text.heading} />
        </h1>
        {text.body.map((block, index) => (
          <BlockView key={index} block={block} />
        ))}
        {text.quiz && (
          <fieldset className="m-0 rounded-xl border border-line bg-raised p-3">
            <legend className="float-left mb-2 w-full p-0 font-semibold">
              <Inline text={text.quiz.question} />
            </legend>
            <div className="clear-both flex flex-col gap-1.5">
              {text.quiz.options.map((option, index) => {
                const chosen = answer === index;
                const shown = answer !== undefined && (chosen || option.right);
                return (
                  <button
                    key={index}
                    type="button"
                    aria-pressed={chosen}
                    onClick={() => viewer.answer(index)}
                    className={`flex cursor-pointer items-center gap-2 rounded-lg border bg-panel px-2.5 py-1.5 text-left ${shown ? (option.right ? 'border-done shadow-[inset_0_0_0_1px_var(--done)]' : 'border-fail shadow-[inset_0_0_0_1px_var(--fail)]') : 'border-line hover:border-edge'}`}
                  >
                    {shown ? option.right ? <CircleCheck size={15} className="shrink-0 text-done" aria-label={t('right')} /> : <CircleX size={15} className="shrink-0 text-fail" aria-label={t('wrong')} /> : chosen ? <CircleDot size={15} className="shrink-0" aria-hidden /> : <Circle size={15} className="shrink-0 text-dim" aria-hidden />}
                    <span>
                      <Inline text={option.text} />
                    </span>
                  </button>
                );
              })}
            </div>
          </fieldset>
        )}
        {text.quiz && answer !== undefined && (
          <p className="arrive m-0 text-dim">
            <strong className="text-ink">{text.quiz.options[answer]?.right ? t('right') : t('wrong')}. </strong>
            <Inline text={text.quiz.explanation} />
          </p>
        )}
        {text.invitation !== '' && (
          <p className={`m-0 rounded-xl border border-dashed px-3 py-2 ${done && definition?.until ? 'border-done' : 'border-edge'}`}>
            <strong className="inline-flex items-center gap-1 align-middle">
              {done && definition?.until ? <Check size={14} className="text-done" aria-hidden /> : <Target size={14} aria-hidden />}
              {done && definition?.until ? t('done') : t('try')}
            </strong>{' '}
            <Inline text={text.invitation} />
          </p>
        )}
      </article>
      {setup}
      {scenario.goals.length > 0 && (
        <section className="mt-auto border-t border-line px-4 py-3" aria-label={t('goals')}>
          <h2 className="m-0 mb-2 text-[0.92rem] font-semibold text-dim">
            {t('goals')} · {t('goalsReached', { n: reached.length, of: scenario.goals.length })}
          </h2>
          <ul className="m-0 flex list-none flex-col gap-1 p-0">
            {scenario.goals.map((goal) => {
              const there = reached.includes(goal.id);
              return (
                <li key={goal.id} className={`flex items-start gap-2 ${there ? 'text-ink' : 'text-dim'}`}>
                  {there ? <CircleCheck size={15} className="arrive mt-0.5 shrink-0 text-done" aria-label={t('reached')} /> : <Circle size={15} className="mt-0.5 shrink-0" aria-label={t('open')} />}
                  <span>
                    <Inline text={goal.title[locale]} />
                  </span>
                </li>
              );
            })}
          </ul>
        </section>
      )}
      </div>
      <div className="flex shrink-0 flex-wrap items-center gap-2 border-t border-line px-4 py-2">
        {!last && (
          <Button look={done ? 'primary' : 'plain'} onClick={turn(beat + 1, () => viewer.nextBeat())}>
            {t('next')} <ArrowRight size={15} aria-hidden />
          </Button>
        )}
        {beat > 0 && (
          <Button look="ghost" onClick={turn(beat - 1, () => viewer.previousBeat())}>
            <ArrowLeft size={15} aria-hidden /> {t('back')}
          </Button>
        )}
        {last && next}
      </div>
    </div>
  );
}

function BlockView({ block }: { block: Block }) {
  if (block.kind === 'code') return <pre className="m-0 overflow-auto rounded-lg border border-line bg-raised p-2 text-[0.9rem]" tabIndex={0}>{block.text}</pre>;
  if (block.kind === 'list')
    return (
      <ul className="m-0 flex list-disc flex-col gap-1 pl-5 text-dim">
        {block.items.map((item, index) => (
          <li key={index}>
            <Inline text={item} />
          </li>
        ))}
      </ul>
    );
  return (
    <p className="m-0 text-[1.02rem] text-dim">
      <Inline text={block.text} />
    </p>
  );
}

/** A text with its inline markup. */
export function Inline({ text }: { text: string }) {
  return (
    <>
      {inline(text).map((part, index) =>
        part.kind === 'code' ? (
          <code key={index} className="rounded bg-raised px-1 text-[0.92em] text-ink">
            {part.text}
          </code>
        ) : part.kind === 'strong' ? (
          <strong key={index} className="text-ink">
            {part.text}
          </strong>
        ) : part.kind === 'em' ? (
          <em key={index}>{part.text}</em>
        ) : (
          <Plain key={index} text={part.text} />
        ),
      )}
    </>
  );
}

/** Text, with the sign for waiting drawn as beside the code: many fonts have none. */
function Plain({ text }: { text: string }) {
  return text.split('⏸').map((piece, index) => (
    <Fragment key={index}>
      {index > 0 && <Pause size={13} fill="currentColor" strokeWidth={1} role="img" aria-label="⏸" className="inline align-[-0.1em] text-run" />}
      {piece}
    </Fragment>
  ));
}
