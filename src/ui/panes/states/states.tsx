import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useTranslations } from 'use-intl';
import machinesUrl from '../../../../build/recordings/machines.json?url';
import type { Frame } from '../../../trace/frame.ts';
import { Empty } from '../../kit/kit.tsx';
import { draw } from '../../kit/mermaid.ts';
import { useFrame, useRun, useViewerState } from '../../viewer/context.tsx';
import { diagramOf, instancesOf, type Instance, type Table } from './machines.ts';

/** The state machines that the run is made of, drawn from the tables by which the Service moves, each with where it is now. */
export function States() {
  const t = useTranslations('states');
  const frame = useFrame();
  const run = useRun();
  const model = useViewerState((state) => state.model);
  const branch = useViewerState((state) => state.branch);
  const tables = useQuery({ queryKey: ['machines'], queryFn: async () => (await (await fetch(machinesUrl)).json()) as Readonly<Record<string, Table>> });
  const before = run && frame.step > 0 ? model.frameAt(branch, frame.step - 1).runs[run.runId] : undefined;
  const instances = run ? instancesOf(run) : [];
  const earlier = new Map((before ? instancesOf(before) : []).map((one) => [one.key, one.state]));
  return (
    <div className="min-h-0 flex-1 overflow-auto px-4 py-3" tabIndex={0} role="region" aria-label={t('title')}>
      <p className="mt-0 mb-2 text-dim">{t('intro')}</p>
      {instances.length === 0 && <Empty>{t('none')}</Empty>}
      <ul className="m-0 flex list-none flex-col gap-4 p-0">
        {instances.map((instance) => (
          <li key={instance.key} aria-label={`${t(`machine.${instance.machine}`)} ${instance.of}: ${instance.state}`}>
            <h3 className="m-0 mb-1 flex items-baseline gap-2 font-semibold">
              {t(`machine.${instance.machine}`)} <span className="font-normal text-dim">{instance.of}</span>
              <span className="mono ml-auto text-[0.9rem]">{instance.state}</span>
            </h3>
            {tables.data?.[instance.machine] && <Diagram table={tables.data[instance.machine]!} instance={instance} was={earlier.get(instance.key)} />}
          </li>
        ))}
        {processMachines(frame).map((machine) => (
          <Strip key={machine.name} {...machine} />
        ))}
      </ul>
    </div>
  );
}

function Diagram({ table, instance, was }: { table: Table; instance: Instance; was: string | undefined }) {
  const host = useRef<HTMLDivElement>(null);
  const text = diagramOf(table, [instance.state, was ?? ''], instance.machine === 'activity' ? 'TB' : 'LR');
  const { data } = useQuery({ queryKey: ['states', text], queryFn: () => draw(text) });
  const svg = data?.svg;
  useEffect(() => {
    const element = host.current;
    if (!element || svg === undefined) return;
    element.innerHTML = svg;
    const drawn = element.querySelector('svg');
    const box = drawn?.viewBox.baseVal;
    if (!drawn || !box) return;
    drawn.setAttribute('aria-hidden', 'true');
    const fit = (): void => {
      const scale = Math.min(0.74, element.clientWidth / box.width);
      drawn.style.width = `${box.width * scale}px`;
      drawn.style.height = `${box.height * scale}px`;
    };
    fit();
    const observer = new ResizeObserver(fit);
    observer.observe(element);
    return () => observer.disconnect();
  }, [svg]);
  useEffect(() => {
    for (const node of host.current?.querySelectorAll('g.node') ?? []) {
      const name = node.textContent?.trim();
      node.classList.toggle('state-now', name === instance.state);
      node.classList.toggle('state-was', name === was && was !== instance.state);
      node.classList.toggle('state-bad', name === instance.state && BAD.has(instance.state));
    }
  }, [svg, instance.state, was]);
  return <div ref={host} className="states min-h-16" />;
}

const BAD = new Set(['FAILED', 'TIMED_OUT', 'TERMINATED', 'CANCELED', 'backoff']);

interface StripProps {
  readonly name: string;
  readonly states: readonly string[];
  readonly current: string;
  readonly bad: readonly string[];
}

function Strip({ name, states, current, bad }: StripProps) {
  return (
    <li>
      <h3 className="m-0 mb-1 font-semibold">{name}</h3>
      <ol className="m-0 flex list-none flex-wrap items-center gap-1 p-0">
        {states.map((state, index) => {
          const now = state === current;
          return (
            <li key={state} className="flex items-center gap-1" aria-current={now ? 'step' : undefined}>
              {index > 0 && (
                <span aria-hidden className="text-dim">
                  {bad.includes(state) ? '·' : '→'}
                </span>
              )}
              <span className={`mono rounded-lg border px-2 py-0.5 text-[0.86rem] ${now ? (bad.includes(state) ? 'border-fail bg-hot text-fail' : 'border-done bg-[var(--glow)] font-semibold text-ink') : 'border-line text-dim'}`}>{state}</span>
            </li>
          );
        })}
      </ol>
    </li>
  );
}

/** Processes follow no table of the Service: it does not even know whether they live. */
const processMachines = (frame: Frame): readonly StripProps[] =>
  Object.values(frame.processes)
    .filter((process) => process.kind === 'worker')
    .map((process) => ({ name: process.id, states: ['starting', 'running', 'shuttingDown', 'exited', 'killed', 'hung'], current: process.state, bad: ['killed', 'hung'] }));
