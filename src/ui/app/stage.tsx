import { ArrowRight, CircleHelp, GitBranch, Link2, List, Presentation, Search, X } from 'lucide-react';
import { DropdownMenu, Tabs } from 'radix-ui';
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { Group, Panel, Separator } from 'react-resizable-panels';
import { toast } from 'sonner';
import { useTranslations } from 'use-intl';
import { Link, useLocation } from 'wouter';
import type { Fault, Input } from '../../trace/entries.ts';
import type { Scenario, ViewName } from '../../scenarios/types.ts';
import { Button, Guarded, Hint, IconButton, Select } from '../kit/kit.tsx';
import { Explain } from '../panes/explain/explain.tsx';
import { Guide } from '../panes/guide/guide.tsx';
import { GuideBar } from '../panes/guide/guide-bar.tsx';
import { EventHistory } from '../panes/history/history.tsx';
import { Metrics } from '../panes/metrics/metrics.tsx';
import { Processes } from '../panes/processes/processes.tsx';
import { ServiceMemory } from '../panes/service/service.tsx';
import { States } from '../panes/states/states.tsx';
import { Transport } from '../panes/transport/transport.tsx';
import { Wall } from '../panes/wall/wall.tsx';
import { Zipper } from '../panes/zipper/zipper.tsx';
import { useBranchName } from '../viewer/branch-name.ts';
import { useFrame, useRun, useViewer, useViewerState, ViewerProvider } from '../viewer/context.tsx';
import { targetWorker } from '../viewer/selectors.ts';
import { createViewer, type EngineLink } from '../viewer/viewer.ts';
import { inputsOf, readAddress, writeAddress, type Address } from './address.ts';
import { scenarioAfter, scenarioBySlug, useLesson, useSources, type Sources } from './catalog.ts';
import { CompileErrors } from './compile-errors.tsx';
import { Dialogs, type DialogName } from './dialogs.tsx';
import type { Accepted } from './edit.tsx';
import { useKeys } from './keys.ts';
import { useSettings } from './settings.ts';
import { Logo, Nowhere, ThemeAndLanguage, usePageTitle } from './shell.tsx';

const Sequence = lazy(() => import('../panes/sequence/sequence.tsx'));
const Timeline = lazy(() => import('../panes/timeline/timeline.tsx'));

const VIEWS: readonly ViewName[] = ['zipper', 'sequence', 'timeline', 'states', 'metrics', 'explain'];

/** One line to one engine for the whole visit; stages take turns. */
let line: EngineLink | null = null;

/** The stage: a scenario that runs, with all its panes. If the engine breaks, another one can be had. */
export default function Stage({ slug, where, connect }: { slug: string; where: string; connect: () => EngineLink }) {
  const t = useTranslations('common');
  const scenario = scenarioBySlug(slug);
  const [engines, setEngines] = useState(0);
  if (!scenario) return <Nowhere message={t('notFound', { slug })} />;
  const restart = (): void => {
    line?.close();
    line = null;
    setEngines(engines + 1);
  };
  return <Running key={engines} scenario={scenario} where={where} link={(line ??= connect())} onRestart={restart} />;
}

function Running({ scenario, where, link, onRestart }: { scenario: Scenario; where: string; link: EngineLink; onRestart: () => void }) {
  const t = useTranslations('common');
  const [viewer] = useState(() => createViewer(link));
  const [broken, setBroken] = useState<string | null>(null);
  useEffect(() => viewer.listen(), [viewer]);
  useEffect(() => link.onBroken(setBroken), [link]);
  return (
    <ViewerProvider value={viewer}>
      {broken !== null && (
        <div role="alert" className="fixed inset-x-0 top-0 z-60 flex flex-wrap items-center justify-center gap-3 border-b border-hot-line bg-hot px-4 py-2">
          <span className="text-fail">{t('engineBroke', { message: broken })}</span>
          <button type="button" className="btn btn-small" onClick={onRestart}>
            {t('restartEngine')}
          </button>
        </div>
      )}
      <Loaded scenario={scenario} where={where} link={link} />
    </ViewerProvider>
  );
}

function Loaded({ scenario, where, link }: { scenario: Scenario; where: string; link: EngineLink }) {
  const t = useTranslations('stage');
  const viewer = useViewer();
  const { locale, theme, large, set } = useSettings();
  const lesson = useLesson(scenario.slug, locale);
  const shipped = useSources(scenario.slug);
  const versions = useViewerState((state) => state.versions);
  /** The code that the processes of a `dir` run. */
  const sourcesOf = useMemo(() => {
    const known = new Map<string, Sources>();
    return (dir: string): Sources => {
      let sources = known.get(dir);
      if (!sources) known.set(dir, (sources = { ...shipped, ...versions[dir] }));
      return sources;
    };
  }, [shipped, versions]);
  const [problems, setProblems] = useState<readonly string[]>([]);
  const [dialog, setDialog] = useState<DialogName | null>(null);
  const [, navigate] = useLocation();
  const branchName = useBranchName();
  const beat = useViewerState((state) => state.beat);
  const satisfied = useViewerState((state) => state.satisfiedBeats);
  const invited = satisfied.includes(beat) ? undefined : scenario.beats[beat]?.invite;

  /** Loads what an address says; tells the response if the code is at fault, undefined if anything else is. */
  const load = useCallback(
    async (address: Address): Promise<Accepted> => {
      const found: string[] = [];
      try {
        const response = await viewer.load(scenario, address.seed ?? scenario.seed, address.variant, address.run?.files);
        if (!response.ok) return response;
        if (address.variant !== undefined && !scenario.variants.some((one) => one.id === address.variant)) found.push(t('addressPart', { name: 'variant', value: address.variant }));
        for (const one of address.run?.inputs ?? []) {
          const reached = await viewer.reach(one.step - 1);
          if (reached !== one.step - 1) throw new Error(t('beyondEnd', { step: one.step - 1, head: reached }));
          const made = await viewer.intent(one.input, one.files);
          if (!made.ok) return made;
        }
        if (address.step !== undefined) {
          const reached = await viewer.reach(address.step);
          if (reached !== address.step) found.push(t('beyondEnd', { step: address.step, head: reached }));
        } else if (address.beat !== undefined) {
          if (scenario.beats.some((one) => one.id === address.beat)) viewer.startAtBeat(address.beat);
          else found.push(t('addressPart', { name: 'beat', value: address.beat }));
        }
        return response;
      } catch (error) {
        found.push(`${t('loadFailed')}: ${error instanceof Error ? error.message : String(error)}`);
        return undefined;
      } finally {
        setProblems(found);
      }
    },
    [viewer, scenario, t],
  );

  /** The address that is on screen already: what is loaded there needs no loading. */
  const shown = useRef<string | null>(null);
  useEffect(() => {
    if (shown.current === where) return;
    shown.current = where;
    const { address, problems: unreadable } = readAddress(where);
    void load(address).then(() => setProblems((before) => [...unreadable.map((one) => t('addressPart', { ...one })), ...before]));
  }, [load, where, t]);
  /** Another run of this scenario, which the address then names, so that a reload starts it again. */
  const reload = useCallback(
    async (seed: number, variant: string | undefined, files: Sources): Promise<Accepted> => {
      const response = await load({ seed, variant, run: { files, inputs: [] } });
      if (!response?.ok) return response;
      const next = writeAddress({ seed: seed === scenario.seed ? undefined : seed, variant: variant === scenario.variants[0]?.id ? undefined : variant, run: { files, inputs: [] } });
      shown.current = next;
      history.replaceState(null, '', `#/s/${scenario.slug}${next === '' ? '' : `/${next}`}`);
      return response;
    },
    [load, scenario],
  );

  usePageTitle(scenario.title[locale]);

  const intent = useCallback(
    async (input: Input, files?: Readonly<Record<string, string>>) => {
      try {
        const before = viewer.store.getState().branch;
        const response = await viewer.intent(input, files);
        if (response.ok && response.branchId !== before) {
          const info = viewer.store.getState().branches.find((branch) => branch.id === response.branchId);
          if (info) toast(t('forked', { name: branchName(info) }), { duration: 2_500 });
        }
        return response;
      } catch (error) {
        toast.error(t('intentFailed', { message: error instanceof Error ? error.message : String(error) }));
        return undefined;
      }
    },
    [viewer, t, branchName],
  );
  const fault = useCallback((what: Fault) => void intent({ type: 'injectFault', fault: what }), [intent]);

  const choose: Choose = (seed, variant) => void reload(seed, variant, versions[''] ?? {});
  const share = (): void => {
    const { step, branch, model, request, variant } = viewer.store.getState();
    const seed = request?.seed ?? scenario.seed;
    const link = writeAddress({ seed, variant: variant === scenario.variants[0]?.id ? undefined : variant, step, run: { files: versions[''] ?? {}, inputs: inputsOf(model, branch, step, versions) } });
    const address = `#/s/${scenario.slug}/${link}`;
    // Without https, or without leave, there is no clipboard: then the address bar has the link.
    const inAddressBar = (): void => {
      shown.current = link;
      history.replaceState(null, '', address);
      toast(t('linkInAddressBar'));
    };
    if (!navigator.clipboard) return inAddressBar();
    navigator.clipboard.writeText(`${location.href.split('#')[0]}${address}`).then(() => toast(t('copied')), inAddressBar);
  };

  const crash = (): void => {
    const worker = targetWorker(viewer.store.getState().frame, 'alive');
    if (worker) fault({ kill: worker.id });
  };
  const restart = (): void => {
    const worker = targetWorker(viewer.store.getState().frame, 'dead');
    if (worker) fault({ start: worker.id });
  };
  /** A trainer's clicker knows one way on: finish what plays, do what the lesson asks for, or turn the page. */
  const turnPage = (): void => {
    if (viewer.store.getState().playing) viewer.hurry();
    else if (invited === 'crash') crash();
    else if (invited === 'restart') restart();
    else viewer.nextBeat();
  };

  useKeys({
    forward: () => viewer.stepBy(1),
    back: () => viewer.stepBy(-1),
    clickForward: () => (large ? turnPage() : viewer.stepBy(1)),
    clickBack: () => (large ? viewer.previousBeat() : viewer.stepBy(-1)),
    nextTask: () => viewer.nextWorkflowTask(),
    first: () => viewer.goTo(0),
    last: () => void viewer.goToLast(),
    play: () => viewer.togglePlay(),
    pause: () => viewer.pause(),
    crash,
    restart,
    timer: () => viewer.nextTimer(),
    rows: (delta) => moveEvent(viewer, delta),
    palette: () => setDialog('palette'),
    fullScreen: () => void (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()).catch(() => {}),
    overview: () => navigate('/scenarios'),
    goTo: () => setDialog('goTo'),
    theme: () => set({ theme: theme === 'dark' ? 'light' : 'dark' }),
    help: () => setDialog('help'),
  });

  useEffect(() => acceptDrop((file) => setDialog({ dropped: file })), []);

  const layout = useLayout();
  const narrow = layout === 'narrow';
  const panes = {
    guide: (
      <Pane name="guide">
        <Guide
          scenario={scenario}
          lesson={lesson}
          locale={locale}
          next={<WhereNext slug={scenario.slug} locale={locale} />}
          setup={
            narrow && (
              <div className="flex flex-wrap items-center gap-2 px-4 pb-4">
                <VariantChoice scenario={scenario} onLoad={choose} />
                <Button small onClick={share}>
                  <Link2 size={15} aria-hidden /> {t('share')}
                </Button>
              </div>
            )
          }
        />
      </Pane>
    ),
    processes: (
      <Pane name="processes">
        <Processes sourcesOf={sourcesOf} onFault={fault} onEdit={(process) => setDialog({ edit: process })} invited={invited} compactCode={narrow} />
      </Pane>
    ),
    service: (
      <Pane name="service">
        <EventHistory onImport={() => setDialog('importHistory')} />
        <ServiceMemory />
      </Pane>
    ),
    views: <Views sourcesOf={sourcesOf} />,
  };
  return (
    <div className="flex h-dvh flex-col overflow-hidden" onClick={releaseKeys}>
      <a href="#transport" onClick={(click) => (click.preventDefault(), document.querySelector<HTMLElement>('[data-testid=play]')?.focus())} className="sr-only-focusable btn fixed top-1 left-1 z-70">
        {t('skip')}
      </a>
      <Header scenario={scenario} narrow={narrow} onDialog={setDialog} onLoad={choose} onShare={share} large={large} />
      <Errors problems={problems} onDismiss={() => setProblems([])} />
      {large && !narrow && <GuideBar lesson={lesson} onNext={turnPage} />}
      <main className="min-h-0 flex-1">{narrow ? <OneAtATime panes={panes} /> : <Columns panes={panes} layout={layout} presenting={large} />}</main>
      <div id="transport">
        <Guarded name="transport" message="" retry="↻">
          <Transport invited={invited} narrow={narrow} />
        </Guarded>
      </div>
      <Dialogs
        dialog={dialog}
        onDialog={setDialog}
        link={link}
        onFault={fault}
        onShare={share}
        variants={scenario.variants.map((one) => ({ title: one.title[locale], choose: () => choose(viewer.store.getState().request?.seed ?? scenario.seed, one.id) }))}
        edit={(process) => ({
          process,
          slug: scenario.slug,
          sources: sourcesOf(viewer.store.getState().frame.processes[process]?.dir ?? ''),
          shipped,
          onDeploy: (to, files) => intent({ type: 'deploy', process: to, dir: '' }, files),
          onRun: (files) => {
            const { request, variant } = viewer.store.getState();
            return reload(request?.seed ?? scenario.seed, variant, files);
          },
        })}
      />
    </div>
  );
}

function Pane({ name, children }: { name: string; children: React.ReactNode }) {
  const t = useTranslations('common');
  const step = useViewerState((state) => state.step);
  return (
    <Guarded name={name} message={t('paneBroke')} retry={t('tryAgain')} resetKey={step}>
      {children}
    </Guarded>
  );
}

type Panes = Readonly<Record<'guide' | 'processes' | 'service' | 'views', React.ReactNode>>;

function Columns({ panes, layout, presenting }: { panes: Panes; layout: string; presenting: boolean }) {
  const t = useTranslations('stage');
  const separator = <Separator className="w-px bg-line outline-offset-[-1px] transition-colors data-[separator=active]:bg-run data-[separator=hover]:bg-edge" aria-label={t('resize')} />;
  const column = 'flex h-full min-h-0 flex-col overflow-hidden';
  return (
    <Group orientation="horizontal" className="h-full" key={`${layout}${presenting ? '-presenting' : ''}`}>
      {!presenting && (
        <>
          <Panel defaultSize="17%" minSize="170px" id="guide">
            <section className={`${column} bg-panel`} aria-label={t('guide')}>
              {panes.guide}
            </section>
          </Panel>
          {separator}
        </>
      )}
      <Panel defaultSize={presenting ? '37%' : '30%'} minSize="220px" id="processes">
        <section className={column} aria-label={t('processes')}>
          {panes.processes}
        </section>
      </Panel>
      <Separator className="wall-separator outline-offset-[-2px]" aria-label={t('resize')}>
        <Wall />
      </Separator>
      <Panel defaultSize={presenting ? '30%' : '25%'} minSize="220px" id="service">
        <section className={`${column} bg-panel`} aria-label={t('service')}>
          {panes.service}
        </section>
      </Panel>
      {separator}
      <Panel defaultSize={presenting ? '33%' : '28%'} minSize="220px" id="views">
        <section className={column} aria-label={t('views')}>
          {panes.views}
        </section>
      </Panel>
    </Group>
  );
}

function OneAtATime({ panes }: { panes: Panes }) {
  const t = useTranslations('stage');
  const [shown, setShown] = useState<keyof Panes>('guide');
  return (
    <Tabs.Root value={shown} onValueChange={(value) => setShown(value as keyof Panes)} className="flex h-full min-h-0 flex-col">
      <Tabs.List className="flex shrink-0 border-b border-line bg-panel" aria-label={t('panes')}>
        {(['guide', 'processes', 'service', 'views'] as const).map((name) => (
          <Tabs.Trigger key={name} value={name} className="min-h-10 flex-1 cursor-pointer px-1 text-dim outline-offset-[-2px] data-[state=active]:font-semibold data-[state=active]:text-ink data-[state=active]:shadow-[inset_0_-2px_var(--done)]">
            {t(name)}
          </Tabs.Trigger>
        ))}
      </Tabs.List>
      {(['guide', 'processes', 'service', 'views'] as const).map((name) => (
        <Tabs.Content key={name} value={name} className="flex min-h-0 flex-1 flex-col data-[state=inactive]:hidden">
          {panes[name]}
        </Tabs.Content>
      ))}
    </Tabs.Root>
  );
}

function Views({ sourcesOf }: { sourcesOf: (dir: string) => Sources }) {
  const t = useTranslations('stage');
  const tc = useTranslations('common');
  const viewer = useViewer();
  const view = useViewerState((state) => state.view);
  const frame = useFrame();
  const activation = useRun()?.lastActivation?.entry;
  const sources = sourcesOf(frame.processes[activation?.process ?? '']?.dir ?? '');
  return (
    <Tabs.Root value={view} onValueChange={(value) => viewer.select({ view: value as ViewName })} className="flex h-full min-h-0 flex-col">
      <Tabs.List className="flex shrink-0 overflow-x-auto border-b border-line px-1 pt-1.5 text-[0.92rem]" aria-label={t('views')}>
        {VIEWS.map((name) => (
          <Tabs.Trigger key={name} value={name} className="cursor-pointer rounded-t-lg px-[clamp(0.25rem,0.4vw,0.7rem)] py-1.5 whitespace-nowrap text-dim outline-offset-[-2px] hover:text-ink data-[state=active]:bg-panel data-[state=active]:font-semibold data-[state=active]:text-ink data-[state=active]:shadow-[inset_0_-2px_var(--done)]">
            {t(`view.${name}`)}
          </Tabs.Trigger>
        ))}
      </Tabs.List>
      {VIEWS.map((name) => (
        <Tabs.Content key={name} value={name} className="flex min-h-0 flex-1 flex-col bg-panel outline-offset-[-2px]">
          <Pane name={name}>
            <Suspense fallback={<p className="p-4 text-dim">{tc('loading')}</p>}>
              {name === 'zipper' && <Zipper sources={sources} />}
              {name === 'sequence' && <Sequence />}
              {name === 'timeline' && <Timeline />}
              {name === 'states' && <States />}
              {name === 'metrics' && <Metrics />}
              {name === 'explain' && <Explain />}
            </Suspense>
          </Pane>
        </Tabs.Content>
      ))}
    </Tabs.Root>
  );
}

function Header({ scenario, narrow, onDialog, onLoad, onShare, large }: { scenario: Scenario; narrow: boolean; onDialog: (dialog: DialogName) => void; onLoad: Choose; onShare: () => void; large: boolean }) {
  const t = useTranslations('stage');
  const { locale, set } = useSettings();
  const run = useRun();
  const request = useViewerState((state) => state.request);
  const variant = useViewerState((state) => state.variant);
  return (
    <header className="flex h-12 shrink-0 items-center gap-2.5 overflow-x-auto border-b border-line bg-panel px-3.5">
      <Logo />
      {!narrow && (
        <nav aria-label={t('scenarios')} className="flex min-w-0 items-center gap-2 pl-1">
          <Link href="/scenarios" className="flex shrink-0 items-center gap-1 rounded text-dim no-underline hover:text-ink">
            <List size={14} aria-hidden /> {t('scenarios')}
          </Link>
          <span aria-hidden className="text-dim">
            ›
          </span>
          <span className="min-w-0 truncate font-semibold">{scenario.title[locale]}</span>
        </nav>
      )}
      <RunChip status={run?.status} workflowId={run?.workflowId} />
      <span className="flex-1" />
      {!narrow && <VariantChoice scenario={scenario} onLoad={onLoad} />}
      {!narrow && !large && request && (
        <label className="chip shrink-0">
          {t('seed')}
          <input
            className="mono w-10 rounded border-0 bg-transparent text-ink"
            defaultValue={request.seed}
            key={request.seed}
            inputMode="numeric"
            onKeyDown={(press) => {
              const value = press.currentTarget.value;
              if (press.key === 'Enter' && /^\d{1,9}$/.test(value)) onLoad(Number(value), variant);
            }}
          />
        </label>
      )}
      <BranchMenu />
      {!narrow && (
        <IconButton look="ghost" small label={t('share')} onClick={onShare}>
          <Link2 size={15} aria-hidden />
        </IconButton>
      )}
      <IconButton look="ghost" small label={t('palette')} shortcut="Ctrl K" onClick={() => onDialog('palette')}>
        <Search size={15} aria-hidden />
      </IconButton>
      <ThemeAndLanguage terse />
      {!narrow && (
        <IconButton look="ghost" small label={t('present')} aria-pressed={large} onClick={() => set({ large: !large })}>
          <Presentation size={15} aria-hidden />
        </IconButton>
      )}
      <IconButton look="ghost" small label={t('help')} shortcut="?" onClick={() => onDialog('help')}>
        <CircleHelp size={15} aria-hidden />
      </IconButton>
    </header>
  );
}

type Choose = (seed: number, variant: string | undefined) => void;

/** The scenario's variants; nothing where there is no choice. */
function VariantChoice({ scenario, onLoad }: { scenario: Scenario; onLoad: Choose }) {
  const t = useTranslations('stage');
  const locale = useSettings((settings) => settings.locale);
  const request = useViewerState((state) => state.request);
  const variant = useViewerState((state) => state.variant);
  if (!request || scenario.variants.length < 2) return null;
  return (
    <label className="flex min-w-0 shrink-0 items-center gap-1.5 text-dim">
      <span className="max-[100rem]:sr-only">{t('variant')}</span>
      <Select className="btn-small" value={variant} onChoose={(id) => onLoad(request.seed, id)}>
        {scenario.variants.map((one) => (
          <option key={one.id} value={one.id}>
            {one.title[locale]}
          </option>
        ))}
      </Select>
    </label>
  );
}

/** At the end of a lesson: the next one, or all of them. */
function WhereNext({ slug, locale }: { slug: string; locale: 'en' | 'de' }) {
  const t = useTranslations('stage');
  const tc = useTranslations('common');
  const next = scenarioAfter(slug);
  return (
    <Link href={next ? `/s/${next.slug}` : '/scenarios'} className="flex items-center gap-1 rounded font-semibold text-done no-underline hover:underline">
      {next ? t('nextScenario', { title: next.title[locale] }) : tc('allScenarios')} <ArrowRight size={15} aria-hidden className="shrink-0" />
    </Link>
  );
}

function RunChip({ status, workflowId }: { status: string | undefined; workflowId: string | undefined }) {
  const t = useTranslations('stage');
  const color = status === 'RUNNING' ? 'bg-run' : status === 'COMPLETED' ? 'bg-done' : status === undefined ? 'bg-faint' : status === 'TIMED_OUT' ? 'bg-warn' : 'bg-fail';
  return (
    <span className="chip shrink-0" role="status" data-testid="run-status" data-status={status ?? 'none'}>
      <span aria-hidden className={`size-2 rounded-full ${color} ${status === 'RUNNING' ? 'pulse' : ''}`} />
      {status === undefined ? (
        t('noRun')
      ) : (
        <>
          {t.has(`statusHint.${status as 'TERMINATED'}`) ? (
            <Hint text={t(`statusHint.${status as 'TERMINATED'}`)}>
              <b tabIndex={0} className="font-semibold text-ink">
                {t(`status.${status as 'RUNNING'}`)}
              </b>
            </Hint>
          ) : (
            <b className="font-semibold text-ink">{t(`status.${status as 'RUNNING'}`)}</b>
          )}{' '}
          <span className="max-sm:hidden">{workflowId}</span>
        </>
      )}
    </span>
  );
}

function BranchMenu() {
  const t = useTranslations('stage');
  const viewer = useViewer();
  const branches = useViewerState((state) => state.branches);
  const current = useViewerState((state) => state.branch);
  const name = useBranchName();
  const own = branches.find((branch) => branch.id === current);
  if (branches.length < 2 || !own) return null;
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger className="chip min-w-0 cursor-pointer max-sm:shrink-0" data-testid="branches">
        <GitBranch size={13} aria-hidden /> <b className="min-w-0 truncate font-semibold text-ink max-sm:sr-only">{name(own)}</b>
        <span className="max-sm:sr-only">· {t('branches', { n: branches.length })}</span>
        <b className="tabular text-ink sm:hidden" aria-hidden>
          {branches.length}
        </b>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" sideOffset={6} align="end">
          <DropdownMenu.RadioGroup value={String(current)} onValueChange={(value) => viewer.goTo(Math.min(viewer.store.getState().step, viewer.store.getState().model.head(Number(value))), Number(value))}>
            {branches.map((branch) => (
              <DropdownMenu.RadioItem key={branch.id} value={String(branch.id)} className="menu-item">
                <span className="w-4">
                  <DropdownMenu.ItemIndicator>●</DropdownMenu.ItemIndicator>
                </span>
                {name(branch)}
              </DropdownMenu.RadioItem>
            ))}
          </DropdownMenu.RadioGroup>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

/** Code that does not run, addresses that say nothing, and findings of the checkers: said, never hidden. */
function Errors({ problems, onDismiss }: { problems: readonly string[]; onDismiss: () => void }) {
  const t = useTranslations('stage');
  const tc = useTranslations('common');
  const viewer = useViewer();
  const errors = useViewerState((state) => state.errors);
  const violations = useViewerState((state) => state.frame.violations);
  const violation = violations.items[violations.length - 1];
  if (errors.length === 0 && problems.length === 0 && !violation) return null;
  return (
    <div role="alert" className="flex max-h-40 items-start gap-2 overflow-auto border-b border-hot-line bg-hot px-4 py-2">
      <div className="min-w-0 flex-1">
        {problems.map((problem) => (
          <p key={problem} className="m-0 text-fail">
            {problem}
          </p>
        ))}
        {errors.length > 0 && (
          <>
            <strong className="text-fail">{t('compileFailed')}</strong>
            <CompileErrors errors={errors} />
          </>
        )}
        {violation && <span className="text-fail">{t('violation', { message: `${violation.entry.rule}: ${violation.entry.message}` })}</span>}
      </div>
      {(errors.length > 0 || problems.length > 0) && (
        <IconButton
          look="ghost"
          small
          label={tc('close')}
          onClick={() => {
            onDismiss();
            viewer.dismissErrors();
          }}
        >
          <X size={15} aria-hidden />
        </IconButton>
      )}
    </div>
  );
}

function moveEvent(viewer: ReturnType<typeof useViewer>, delta: number): void {
  const { frame, selectedEvent, selectedRun } = viewer.store.getState();
  const run = selectedRun === null ? Object.values(frame.runs).at(-1) : frame.runs[selectedRun];
  if (!run || run.history.length === 0) return;
  const next = selectedEvent === null ? (delta > 0 ? 1 : run.history.length) : Math.max(1, Math.min(run.history.length, Number(selectedEvent) + delta));
  viewer.select({ selectedEvent: String(next) });
}

/** A file that falls on the page is a history to be read; the browser would leave the page for it, and the run would be gone. */
function acceptDrop(onFile: (file: File) => void): () => void {
  const over = (event: DragEvent): void => {
    if (event.dataTransfer?.types.includes('Files')) event.preventDefault();
  };
  const drop = (event: DragEvent): void => {
    const file = event.dataTransfer?.files[0];
    if (!file || event.defaultPrevented) return; // the editor takes files as text
    event.preventDefault();
    onFile(file);
  };
  addEventListener('dragover', over);
  addEventListener('drop', drop);
  return () => {
    removeEventListener('dragover', over);
    removeEventListener('drop', drop);
  };
}

/**
 * Whoever pressed a button with the mouse has done with it: the next Space steps on. If the button kept the focus, Space would press it
 * again, and end what a trainer presents, or restart the worker that has just been crashed.
 */
function releaseKeys({ detail, target }: React.MouseEvent): void {
  const button = detail > 0 && target instanceof Element ? target.closest<HTMLElement>('button:not([role])') : null;
  if (button !== null && button === document.activeElement) button.blur();
}

/** How much room there is, measured in type: who reads with a larger one gets the layout of a smaller screen. */
function useLayout(): 'narrow' | 'small' | 'large' {
  return useSyncExternalStore(
    (changed) => {
      addEventListener('resize', changed);
      return () => removeEventListener('resize', changed);
    },
    () => (matchMedia('(width < 62.5em)').matches ? 'narrow' : matchMedia('(width < 75em)').matches ? 'small' : 'large'),
  );
}
