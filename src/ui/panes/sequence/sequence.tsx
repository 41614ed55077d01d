import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Empty } from '../../kit/kit.tsx';
import { draw } from '../../kit/mermaid.ts';
import { useFrame, useViewer, useViewerState } from '../../viewer/context.tsx';
import { formatSpan, processName } from '../../viewer/events.ts';
import { linesOf, mermaidOf, messagesOf, SERVICE, type Message, type SequenceWords } from './messages.ts';

/** Longer runs are drawn in chapters: drawing costs about 1 ms a message. */
const CHAPTER = 200;

/**
 * The sequence diagram: drawn once, then revealed by class as the cursor moves. Each arrow is a real RPC, delivery or call, and a
 * click on it goes to its step.
 */
export default function Sequence() {
  const t = useTranslations('sequence');
  const model = useViewerState((state) => state.model);
  const version = useSettled(useViewerState((state) => state.version));
  const branch = useViewerState((state) => state.branch);
  const frame = useFrame();
  const [polls, setPolls] = useState(false);
  const words = useMemo<SequenceWords>(() => ({ killed: t('killed'), started: t('started'), replay: (from, to) => t('replay', { from, to }), passes: (ms) => t('passes', { span: formatSpan(ms) }) }), [t]);
  // oxlint-disable-next-line react-hooks/exhaustive-deps -- the model grows in place, its version says so
  const all = useMemo(() => messagesOf(model, branch, polls, words), [model, version, branch, polls, words]);
  const reached = all.findLastIndex((message) => message.step <= frame.step);
  const chapters = Math.ceil(all.length / CHAPTER);
  const chapter = Math.max(0, Math.floor(Math.max(0, reached) / CHAPTER));
  const messages = useMemo(() => all.slice(chapter * CHAPTER, (chapter + 1) * CHAPTER), [all, chapter]);
  const text = useMemo(() => mermaidOf(messages, t('service')), [messages, t]);
  const drawing = useQuery({
    queryKey: ['sequence', text],
    queryFn: () => draw(text),
    enabled: messages.length > 0,
    placeholderData: keepPreviousData,
    gcTime: 60_000,
  });
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex items-center gap-4 px-4 py-2 text-dim">
        <label className="flex cursor-pointer items-center gap-1.5">
          <input type="checkbox" checked={polls} onChange={(change) => setPolls(change.target.checked)} /> {t('polls')}
        </label>
        <span className="flex-1" />
        {chapters > 1 && <span>{t('chapter', { from: messages[0]?.step ?? 0, to: messages.at(-1)?.step ?? 0 })}</span>}
      </div>
      {messages.length === 0 ? (
        <Empty>{t('empty')}</Empty>
      ) : drawing.error ? (
        <Empty>{t('failed', { message: drawing.error.message })}</Empty>
      ) : drawing.data === undefined ? (
        <Empty>{t('drawing')}</Empty>
      ) : (
        <Drawn svg={drawing.data.svg} stale={drawing.data.text !== text} messages={messages} step={frame.step} />
      )}
    </div>
  );
}

function Drawn({ svg, stale, messages, step }: { svg: string; stale: boolean; messages: readonly Message[]; step: number }) {
  const t = useTranslations('sequence');
  const viewer = useViewer();
  const host = useRef<HTMLDivElement>(null);
  const parts = useRef<readonly { readonly step: number; readonly elements: readonly Element[] }[]>([]);

  useEffect(() => {
    if (stale) return;
    const element = host.current!;
    element.innerHTML = svg;
    const lines = [...element.querySelectorAll('.messageLine0, .messageLine1')];
    const labels = [...element.querySelectorAll('.messageText')];
    const notes = [...element.querySelectorAll('.note')].map((note) => note.closest('g') ?? note);
    const nameOf = (id: string): string => (id === SERVICE ? t('service') : processName(id));
    let arrow = 0;
    let label = 0;
    let note = 0;
    parts.current = messages.map((message) => {
      if (message.kind === 'note') {
        const group = notes[note++];
        group?.classList.add(`seq-${message.tone ?? 'time'}`);
        return { step: message.step, elements: group ? [group] : [] };
      }
      const line = lines[arrow++];
      const own = labels.slice(label, (label += linesOf(message).length));
      for (const one of own) one.setAttribute('data-step', String(message.step));
      // One stop for the keyboard, however many lines the name has.
      own[0]?.setAttribute('tabindex', '0');
      own[0]?.setAttribute('role', 'button');
      own[0]?.setAttribute('aria-label', t('arrow', { step: message.step, from: nameOf(message.from), to: nameOf(message.to), text: message.text }));
      for (const one of own.slice(1)) one.setAttribute('aria-hidden', 'true');
      line?.setAttribute('data-step', String(message.step));
      return { step: message.step, elements: [line, ...own].filter((one) => one !== undefined) };
    });
    const fit = (): void => fitWidth(element);
    fit();
    const observer = new ResizeObserver(fit);
    observer.observe(element);
    const drawing = element.querySelector('svg');
    drawing?.setAttribute('role', 'group');
    drawing?.setAttribute('aria-label', t('title'));
    drawing?.removeAttribute('aria-roledescription');
    return () => observer.disconnect();
  }, [svg, stale, messages, t]);

  useEffect(() => {
    let current: Element | undefined;
    for (const part of parts.current) {
      const state = part.step > step ? 'future' : part.step === step ? 'now' : 'past';
      for (const element of part.elements) {
        element.classList.toggle('seq-future', state === 'future');
        element.classList.toggle('seq-now', state === 'now');
      }
      if (part.step <= step) current = part.elements.at(-1) ?? current;
    }
    const box = host.current!;
    if (current) {
      const at = current.getBoundingClientRect();
      const frame = box.getBoundingClientRect();
      if (at.top < frame.top + 70 || at.bottom > frame.bottom - 40) box.scrollTop += at.top - frame.top - frame.height * 0.6;
    }
  }, [step, svg, stale, messages]);

  const go = (target: EventTarget): void => {
    const found = target instanceof Element ? target.closest('[data-step]') : null;
    if (found) viewer.goTo(Number(found.getAttribute('data-step')));
  };
  return (
    <div
      ref={host}
      className="seq min-h-0 flex-1 overflow-auto pb-4"
      tabIndex={0}
      role="region"
      aria-label={t('title')}
      onClick={(click) => go(click.target)}
      onKeyDown={(press) => {
        if ((press.key === 'Enter' || press.key === ' ') && press.target !== host.current) {
          press.preventDefault();
          press.stopPropagation();
          go(press.target);
        }
      }}
    />
  );
}

/** As large as the pane allows within what can be read, with the names of the lifelines held at its top. */
function fitWidth(host: HTMLElement): void {
  const svg = host.querySelector('svg');
  const box = svg?.viewBox.baseVal;
  if (!svg || !box || box.width === 0 || host.clientWidth === 0) return;
  const scale = Math.max(0.8, Math.min(1.3, (host.clientWidth - 8) / box.width));
  svg.setAttribute('width', String(box.width * scale));
  svg.setAttribute('height', String(box.height * scale));
  svg.style.width = `${box.width * scale}px`;
  const shift = Math.max(0, (host.clientWidth - box.width * scale) / 2);
  svg.style.marginLeft = `${shift}px`;
  const tops = [...svg.querySelectorAll('rect.actor-top')];
  svg.style.marginTop = `${-Number(tops[0]?.getAttribute('height') ?? 0) * scale}px`;
  let head = host.querySelector<HTMLElement>('.seq-head');
  if (!head) {
    head = document.createElement('div');
    head.className = 'seq-head';
    host.prepend(head);
  }
  head.style.width = `${Math.max(host.clientWidth, box.width * scale)}px`;
  head.replaceChildren(
    ...tops.map((rect) => {
      const name = document.createElement('span');
      name.textContent = rect.parentElement?.querySelector('text')?.textContent ?? '';
      name.style.left = `${shift + (Number(rect.getAttribute('x')) + Number(rect.getAttribute('width')) / 2 - box.x) * scale}px`;
      return name;
    }),
  );
}

/** A value once it has stopped changing for a moment: the engine runs ahead in bursts. */
function useSettled(value: number): number {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), 250);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
