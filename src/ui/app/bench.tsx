import { useMutation } from '@tanstack/react-query';
import { Gauge } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { BenchRun } from '../../protocol/messages.ts';
import type { RunSetup } from '../../trace/entries.ts';
import { Button } from '../kit/kit.tsx';
import type { EngineLink } from '../viewer/viewer.ts';
import { scenarios } from './catalog.ts';
import { useSettings } from './settings.ts';
import { PageHeader, usePageTitle } from './shell.tsx';

/** What is measured: a load, and how often it runs. The first run of each warms up and does not count towards the median. */
interface Load {
  readonly slug: string;
  readonly setup?: RunSetup | undefined;
  readonly firstSeed: number;
  readonly seeds: number;
}

interface Result extends Load {
  readonly runs: readonly BenchRun[];
}

/** Runs between two signs of life. */
const CHUNK = 10;

const defaultLoads: readonly Load[] = [
  ...scenarios.map(({ slug }): Load => ({ slug, firstSeed: 1, seeds: 20 })),
  { slug: 'bench-sequential', setup: { clientArgs: ['2000'] }, firstSeed: 1, seeds: 4 },
  { slug: 'bench-children', setup: { clientArgs: ['200'] }, firstSeed: 1, seeds: 4 },
];

/** What the address asks for: `load=crash-and-replay&first=1&seeds=50&args=2000`; it is measured at once. Null: the page waits for a click. */
function addressed(where: string): Load | null {
  const query = new URLSearchParams(where);
  const slug = query.get('load');
  if (slug === null) return null;
  const number = (name: string, otherwise: number): number => (/^\d{1,9}$/.test(query.get(name) ?? '') ? Number(query.get(name)) : otherwise);
  const args = query.get('args');
  return { slug, setup: args === null ? undefined : { clientArgs: args.split(',') }, firstSeed: number('first', 1), seeds: Math.max(1, number('seeds', 20)) };
}

/** How fast the engine is on this machine and in this browser, and the hashes that say that it computes the same everywhere. */
export default function Bench({ where, connect }: { where: string; connect: () => EngineLink }) {
  const t = useTranslations('bench');
  const locale = useSettings((settings) => settings.locale);
  const [results, setResults] = useState<readonly Result[]>([]);
  const wanted = addressed(where);
  const measure = useMutation({
    networkMode: 'always',
    mutationFn: async (loads: readonly Load[]) => {
      const link = connect();
      const broken = new Promise<never>((_, reject) => link.onBroken((message) => reject(new Error(message))));
      try {
        setResults([]);
        for (const load of loads) {
          const runs: BenchRun[] = [];
          for (let done = 0; done < load.seeds; done += CHUNK) {
            const part = await Promise.race([link.bench({ slug: load.slug, setup: load.setup, firstSeed: load.firstSeed + done, seeds: Math.min(CHUNK, load.seeds - done) }), broken]);
            runs.push(...part.runs);
            const result: Result = { ...load, runs: [...runs] };
            setResults((before) => [...before.filter((other) => other.slug !== load.slug), result]);
          }
        }
      } finally {
        link.close();
      }
    },
  });
  const started = useRef(false);
  usePageTitle(t('title'));
  useEffect(() => {
    if (started.current || wanted === null) return;
    started.current = true;
    measure.mutate([wanted]);
  });
  const name = (slug: string): string => (slug === 'bench-sequential' ? t('sequential') : slug === 'bench-children' ? t('children') : (scenarios.find((scenario) => scenario.slug === slug)?.title[locale] ?? slug));
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  return (
    <div className="mx-auto max-w-5xl px-5 pb-16">
      <PageHeader />
      <main>
        <h1 className="mt-10 mb-2 text-3xl font-bold tracking-tight">{t('title')}</h1>
        <p className="mt-0 mb-6 max-w-prose text-[1.08rem] text-dim">{t('intro')}</p>
        <Button look="primary" disabled={measure.isPending} onClick={() => measure.mutate(wanted ? [wanted] : defaultLoads)}>
          <Gauge size={16} aria-hidden /> {measure.isPending ? t('running') : t('start')}
        </Button>
        {measure.error && (
          <p role="alert" className="mt-4 text-fail">
            {t('failed', { message: measure.error.message })}
          </p>
        )}
        {results.length > 0 && (
          <div className="mt-6 overflow-x-auto" tabIndex={0} role="region" aria-label={t('results')}>
            <table className="w-full border-collapse" aria-busy={measure.isPending} data-testid="bench" data-done={measure.isSuccess}>
              <caption className="sr-only">{t('results')}</caption>
              <thead>
                <tr className="border-b border-line text-left text-dim">
                  <th scope="col" className="py-2 pr-4 font-medium">{t('load')}</th>
                  {(['runs', 'distinct', 'events', 'milliseconds', 'perSecond'] as const).map((column) => (
                    <th key={column} scope="col" className="py-2 pl-4 text-right font-medium">{t(column)}</th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {results.map((result) => (
                  <Row key={result.slug} name={name(result.slug)} result={result} format={(value) => number.format(value)} />
                ))}
              </tbody>
            </table>
          </div>
        )}
        {results.map((result) => (
          <details key={result.slug} className="mt-4">
            <summary className="cursor-pointer text-dim">{t('hashes', { name: name(result.slug) })}</summary>
            <pre className="mono mt-2 max-h-80 overflow-auto rounded-lg border border-line bg-panel p-3 text-[0.86rem]" tabIndex={0} aria-label={t('hashes', { name: name(result.slug) })} data-hashes={result.slug}>
              {result.runs.map((run) => `${run.seed} ${run.traceHash}`).join('\n')}
            </pre>
          </details>
        ))}
      </main>
    </div>
  );
}

function Row({ name, result: { slug, runs }, format }: { name: string; result: Result; format: (value: number) => string }) {
  const counted = runs.length > 1 ? runs.slice(1) : runs;
  const events = median(counted.map((run) => run.events));
  const milliseconds = median(counted.map((run) => run.milliseconds));
  const perSecond = median(counted.map((run) => (run.events * 1000) / run.milliseconds));
  const cells = [runs.length, new Set(runs.map((run) => run.traceHash)).size, events, milliseconds, perSecond];
  return (
    <tr className="border-b border-line" data-load={slug} data-events={events} data-milliseconds={milliseconds} data-per-second={perSecond}>
      <th scope="row" className="py-2 pr-4 text-left font-semibold">{name}</th>
      {cells.map((cell, index) => (
        <td key={index} className="tabular py-2 pl-4 text-right">{format(cell)}</td>
      ))}
    </tr>
  );
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
