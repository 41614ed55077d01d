import { Code, DoorOpen, Globe, Laptop, MemoryStick, Power, RotateCw, Server, SquarePen, TriangleAlert, X } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useTranslations } from 'use-intl';
import { lastOf, toArray, type Episode, type Frame, type ProcessView, type ServiceView } from '../../../trace/frame.ts';
import type { Fault } from '../../../trace/entries.ts';
import { CodeView, type LineMark } from '../../kit/code-view.tsx';
import { Button, Empty, Hint, IconButton, Kbd } from '../../kit/kit.tsx';
import { useFrame, useMovesOn, useViewerState } from '../../viewer/context.tsx';
import { formatClock, formatSpan, processName, resultText, splitLog } from '../../viewer/events.ts';
import { codeMarks, doubledEffects, episodesOf, outageUntil, targetWorker } from '../../viewer/selectors.ts';

export interface ProcessesProps {
  /** The code that the processes of a `dir` run. */
  readonly sourcesOf: (dir: string) => Readonly<Record<string, string>>;
  readonly onFault: (fault: Fault) => void;
  readonly onEdit: (process: string) => void;
  readonly invited: 'crash' | 'restart' | 'shutdown' | 'deploy' | 'play' | 'step' | 'back' | undefined;
  readonly compactCode: boolean;
}

/** What can die: workers, clients and the services of the outside world, each with what it holds. */
export function Processes(props: ProcessesProps) {
  const t = useTranslations('processes');
  const frame = useFrame();
  const processes = Object.values(frame.processes);
  const order = { worker: 0, client: 2, service: 1 } as const;
  const sorted = [...processes].sort((a, b) => order[a.kind] - order[b.kind]);
  const crashTarget = targetWorker(frame, 'alive')?.id;
  const restartTarget = targetWorker(frame, 'dead')?.id;
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <h2 className="pane-title">{t('title')}</h2>
      <div className="flex min-h-0 flex-1 flex-col gap-2.5 overflow-auto px-3 pb-3" tabIndex={0} role="region" aria-label={t('title')}>
        {sorted.length === 0 && <BeforeStart {...props} />}
        {sorted.map((process) =>
          process.kind === 'service' ? (
            <ExternalService key={process.id} process={process} service={frame.services[processName(process.id)]} {...props} />
          ) : (
            <Process key={process.id} process={process} frame={frame} keyed={process.id === crashTarget ? 'crash' : process.id === restartTarget ? 'restart' : undefined} {...props} />
          ),
        )}
      </div>
    </div>
  );
}

/** Before the first step: no process yet, but the code that will run can be read. */
function BeforeStart({ sourcesOf, onEdit, compactCode }: ProcessesProps) {
  const t = useTranslations('processes');
  const sources = sourcesOf('');
  const files = Object.keys(sources).filter((path) => path.endsWith('.ts'));
  const [chosen, setChosen] = useState<string | null>(null);
  const file = chosen ?? files.find((path) => /workflows/.test(path)) ?? files[0];
  if (file === undefined) return <Empty>{t('none')}</Empty>;
  const text = (sources[file] ?? '').replace(/\n$/, '');
  return (
    <section aria-label={t('code')} className="overflow-hidden rounded-xl border border-dashed border-edge bg-panel">
      <div className="flex items-start gap-2 px-3 py-2.5">
        <p className="m-0 flex-1 text-dim">{t('none')}</p>
        <IconButton look="ghost" small label={t('editCode')} onClick={() => onEdit('')}>
          <SquarePen size={15} aria-hidden />
        </IconButton>
      </div>
      <FileTabs files={files} current={file} onChoose={setChosen} />
      <div className="border-t border-dashed border-line">
        <CodeView text={text} label={file} marks={NO_MARKS} maxHeight={compactCode ? '16rem' : '60dvh'} />
      </div>
    </section>
  );
}

const NO_MARKS: readonly LineMark[] = [];

function FileTabs({ files, current, onChoose }: { files: readonly string[]; current: string | null; onChoose: (file: string) => void }) {
  return (
    <div className="flex flex-wrap items-center gap-1 border-t border-dashed border-line px-2 py-1">
      <Code size={13} aria-hidden className="mr-1 text-dim" />
      {files.map((path) => (
        <button
          key={path}
          type="button"
          aria-pressed={path === current}
          onClick={() => onChoose(path)}
          className={`mono cursor-pointer rounded px-1.5 text-[0.86rem] ${path === current ? 'bg-raised text-ink shadow-[inset_0_-2px_var(--done)]' : 'text-dim hover:text-ink'}`}
        >
          {path.split('/').at(-1)}
        </button>
      ))}
    </div>
  );
}

/** A key that is held down would crash and restart by turns, a branch each time. */
const onceAPress = (press: React.KeyboardEvent): void => {
  if (press.repeat) press.preventDefault();
};

const dead = (process: ProcessView): boolean => process.state === 'killed' || process.state === 'exited';

function Process({ process, frame, keyed, sourcesOf, onFault, onEdit, invited, compactCode }: ProcessesProps & { process: ProcessView; frame: Frame; keyed: 'crash' | 'restart' | undefined }) {
  const t = useTranslations('processes');
  const movesOn = useMovesOn();
  const isDead = dead(process);
  const justDied = isDead && process.state === 'killed' && process.since.step === frame.step && movesOn;
  const Icon = process.kind === 'worker' ? Server : Laptop;
  return (
    <section
      aria-label={process.id}
      data-process={process.id}
      data-state={process.state}
      className={`@container shrink-0 rounded-xl border border-dashed ${process.state === 'killed' ? 'border-hot-line bg-hot' : 'border-edge bg-panel'} ${justDied ? 'going' : ''}`}
    >
      <header className="flex flex-wrap items-center justify-end gap-x-2 gap-y-1 px-2.5 py-1.5">
        <StateDot state={process.state} />
        <Icon size={14} aria-hidden className="shrink-0 text-dim @max-[30rem]:hidden" />
        <h3 className="m-0 text-[1.02rem] font-semibold whitespace-nowrap">{process.id}</h3>
        <span className="tag" data-testid="process-state">
          {t(`state.${process.state}`)}
          {isDead && process.since.step > 0 && <span className="tabular @max-[30rem]:hidden">{formatClock(process.since.at - frame.startedAt)}</span>}
          {process.incarnation > 1 && (
            <Hint text={t('incarnationHint')}>
              <span tabIndex={0}>· {t('incarnation', { n: process.incarnation })}</span>
            </Hint>
          )}
        </span>
        <span className="flex-1" />
        <Controls process={process} keyed={keyed} onFault={onFault} onEdit={onEdit} invited={process.kind === 'worker' ? invited : undefined} />
      </header>
      <Trouble process={process} />
      {process.state === 'killed' && <Lost process={process} sources={sourcesOf(process.dir)} just={justDied} />}
      {!isDead && <Body process={process} foremost={keyed === 'crash'} step={frame.step} sources={sourcesOf(process.dir)} compactCode={compactCode} />}
      <Log process={process} startedAt={frame.startedAt} />
    </section>
  );
}

/** Why a process ended or hangs: what and where. */
function Trouble({ process: { error } }: { process: ProcessView }) {
  if (!error) return null;
  return (
    <p role="alert" className="m-0 border-t border-dashed border-hot-line px-2.5 py-1.5 text-fail [overflow-wrap:anywhere]">
      {error.message}
      {error.position && (
        <span className="mono">
          {' '}
          ({error.position.file}:{error.position.line})
        </span>
      )}
    </p>
  );
}

/** A killed process: what it held is gone, said with what that was one step before. */
function Lost({ process, sources, just }: { process: ProcessView; sources: Readonly<Record<string, string>>; just: boolean }) {
  const t = useTranslations('processes');
  const model = useViewerState((state) => state.model);
  const branch = useViewerState((state) => state.branch);
  const before = model.frameAt(branch, Math.max(0, process.since.step - 1)).processes[process.id];
  return (
    <div className={`void relative overflow-hidden border-t border-dashed border-hot-line px-3 py-3 ${just ? 'void-just' : ''}`} data-testid="lost">
      <p className="m-0 flex items-center gap-2 text-[1.08rem] font-semibold text-fail">
        <MemoryStick size={16} aria-hidden /> {t('memoryGone')}
      </p>
      <ul className="m-0 mt-1.5 flex list-none flex-col gap-1 p-0">
        {process.lost.map((run) => {
          const waiting = lastOf(before?.episodes[run.runId]?.activations ?? { items: [], length: 0 })?.entry.waiting[0]?.position;
          const code = waiting ? sources[waiting.file]?.split('\n')[waiting.line - 1]?.trim() : undefined;
          return (
            <li key={run.runId} className={just ? 'shatter' : ''}>
              <span className="tag border-dashed !border-hot-line !text-fail">{t('cacheLost', { run: run.workflowId })}</span>
              {waiting && <span className="ml-2 text-dim">{t('stoodAt', { line: waiting.line })}</span>}
              {code !== undefined && <code className="mt-0.5 block truncate text-[0.88rem] text-dim line-through decoration-fail">{code}</code>}
            </li>
          );
        })}
      </ul>
      <p className="m-0 mt-1.5 text-dim">{t('nobodyTold')}</p>
    </div>
  );
}

function Controls({ process, keyed, onFault, onEdit, invited }: Pick<ProcessesProps, 'onFault' | 'onEdit' | 'invited'> & { process: ProcessView; keyed: 'crash' | 'restart' | undefined }) {
  const t = useTranslations('processes');
  const isDead = dead(process);
  return (
    <>
      <IconButton look="ghost" small label={t('edit')} invited={invited === 'deploy'} onClick={() => onEdit(process.id)}>
        <SquarePen size={14} aria-hidden />
      </IconButton>
      {process.kind === 'worker' && !isDead && (
        <IconButton look="ghost" small label={t('shutdown')} invited={invited === 'shutdown'} onClick={() => onFault({ shutdown: process.id })}>
          <DoorOpen size={14} aria-hidden />
        </IconButton>
      )}
      {/* One button for both: whoever pressed it by keyboard keeps the focus. */}
      <Button look={isDead ? 'plain' : 'danger'} small invited={invited === (isDead ? 'restart' : 'crash')} onKeyDown={onceAPress} onClick={() => onFault(isDead ? { start: process.id } : { kill: process.id })}>
        {isDead ? <RotateCw size={14} aria-hidden /> : <X size={14} aria-hidden />} {t(isDead ? 'restart' : 'crash')} {keyed === (isDead ? 'restart' : 'crash') && <Kbd className="@max-[24rem]:hidden">{isDead ? 'R' : 'X'}</Kbd>}
      </Button>
    </>
  );
}

function Body({ process, foremost, step, sources, compactCode }: { process: ProcessView; foremost: boolean; step: number; sources: Readonly<Record<string, string>>; compactCode: boolean }) {
  const t = useTranslations('processes');
  const episodes = episodesOf(process);
  const slowMotion = useViewerState((state) => state.slowMotion);
  const [chosen, setChosen] = useState<string | null>(null);
  const episode = episodes[0];
  const executed = lastOf(episode?.activations ?? { items: [], length: 0 })?.entry.lines.at(-1)?.file;
  const waiting = lastOf(episode?.activations ?? { items: [], length: 0 })?.entry.waiting[0]?.position.file;
  const running = Object.values(process.activities);
  const fallback = process.kind === 'client' ? process.entry : (executed ?? waiting ?? (foremost ? Object.keys(sources).find((path) => /workflows/.test(path)) : undefined) ?? null);
  const file = chosen !== null && sources[chosen] !== undefined ? chosen : fallback !== null && sources[fallback] !== undefined ? fallback : null;
  const files = Object.keys(sources).filter((path) => path.endsWith('.ts'));
  const showsCode = file !== null && (chosen !== null || process.kind === 'worker');
  return (
    <>
      {process.kind === 'worker' && <Holds process={process} />}
      {running.length > 0 && (
        <ul className="m-0 flex list-none flex-col gap-1 border-t border-dashed border-line p-0 px-2.5 py-1.5">
          {running.map(({ entry, at }) => (
            <li key={`${entry.runId}/${entry.activityId}`} className="flex items-center gap-2">
              <span className="pulse size-2.5 rounded-sm bg-activity" aria-hidden />
              <span>
                {t('runs')} <b>{entry.activityType}</b>
              </span>
              <span className="text-dim">
                {entry.local && (
                  <Hint text={t('localActivityHint')}>
                    <span tabIndex={0}>{t('localActivity')}</span>
                  </Hint>
                )}{' '}
                {t('attempt', { n: entry.attempt })}
                {entry.phase === 'heartbeat' && entry.detail ? ` · ♥ ${entry.detail}` : ''}
              </span>
              <span className="sr-only">{at}</span>
            </li>
          ))}
        </ul>
      )}
      {(showsCode || process.kind !== 'worker' || files.length > 0) && (
        <FileTabs
          files={process.kind === 'client' ? files.filter((path) => path === process.entry) : files.filter((path) => !/client|services/.test(path))}
          current={showsCode ? file : null}
          onChoose={(path) => setChosen(showsCode && path === file ? (chosen === null ? '' : null) : path)}
        />
      )}
      {showsCode && file !== null && <Source path={file} text={sources[file] ?? ''} episode={episode} step={step} process={process} slowMotion={slowMotion} compact={compactCode} />}
    </>
  );
}

function Source({ path, text, episode, step, process, slowMotion, compact }: { path: string; text: string; episode: Episode | undefined; step: number; process: ProcessView; slowMotion: number | null; compact: boolean }) {
  const t = useTranslations('processes');
  const { runs } = useFrame();
  const run = runs[episode?.runId ?? ''];
  const marks = useMemo<readonly LineMark[]>(() => {
    const own: LineMark[] = [];
    for (const { entry } of Object.values(process.activities)) {
      const line = text.split('\n').findIndex((code) => new RegExp(`function\\s+${entry.activityType}\\b|\\b${entry.activityType}\\s*[:=]`).test(code)) + 1;
      if (line > 0 && /activit/i.test(path)) own.push({ line, kind: 'executing', note: t('attempt', { n: entry.attempt }) });
    }
    if (!episode) {
      // Code that broke is put out of the cache within its step: where it broke is what one looks for.
      const broke = Object.values(runs).map((one) => one.lastActivation).find((last) => last?.entry.process === process.id && last.step > process.since.step)?.entry.failure?.position;
      return broke?.file === path ? [...own, { line: broke.line, kind: 'error' }] : own;
    }
    const flow = codeMarks(episode, run, step, slowMotion)
      .filter((mark) => mark.position.file === path)
      .map((mark): LineMark => ({ line: mark.position.line, kind: mark.kind, note: mark.eventId === undefined ? undefined : `#${mark.eventId}${mark.matched ? ' ✓' : ''}`, value: mark.resultOf === undefined ? undefined : valueText(resultText(run?.history.items[mark.resultOf - 1]?.entry.event)) }));
    return [...flow, ...own];
  }, [episode, step, path, text, process, slowMotion, run, runs, t]);
  return (
    <div className="border-t border-dashed border-line">
      <CodeView text={text.replace(/\n$/, '')} label={t('codeOf', { file: path, process: processName(process.id) })} marks={marks} maxHeight={compact ? '10.4rem' : 'max(22rem, 34dvh)'} />
    </div>
  );
}

/** A short value as it is; a long one cut. */
const valueText = (text: string | undefined): string | undefined => (text !== undefined && text.length > 42 ? `${text.slice(0, 41)}…` : text);

/** Slots, sticky cache and polls: all of it memory, all of it gone when the process dies. */
function Holds({ process }: { process: ProcessView }) {
  const t = useTranslations('processes');
  const slots = Object.values(process.slots).filter((slot) => slot.kind !== 'localActivity' || slot.used > 0);
  const polls = Object.values(process.pollers).filter((poller) => poller.count > 0);
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-1.5 border-t border-dashed border-line px-2.5 py-1.5 text-dim">
      <Hint text={t('cacheHint')}>
        <span tabIndex={0} className="flex items-center gap-1.5" data-testid="cache">
          <MemoryStick size={14} aria-hidden /> {t('cache')}
          {process.cache.length === 0 ? (
            <span className="tag border-dashed">{t('empty')}</span>
          ) : (
            process.cache.slice(-3).map((run) => (
              <span key={run.runId} className="tag arrive !text-ink">
                {run.workflowId}
              </span>
            ))
          )}
          {process.cache.length > 3 && <span>+{process.cache.length - 3}</span>}
        </span>
      </Hint>
      {slots.map((slot) => (
        <Hint key={`${slot.kind}/${slot.taskQueue}`} text={t('slotsHint')}>
          <span tabIndex={0} className="flex items-center gap-1.5">
            {t(`slots.${slot.kind}`)}
            {slot.total <= 6 ? (
              <span className="flex gap-1" aria-hidden>
                {Array.from({ length: slot.total }, (_, index) => (
                  <span key={index} className={`size-2.5 rounded-[3px] border ${index < slot.used ? 'border-activity bg-activity' : 'border-edge'}`} />
                ))}
              </span>
            ) : null}
            <span className="tabular text-ink">
              {slot.used}/{slot.total}
            </span>
          </span>
        </Hint>
      ))}
      <Hint text={t('pollsHint')}>
        <span tabIndex={0}>{t('polls', { n: polls.reduce((sum, poller) => sum + poller.count, 0) })}</span>
      </Hint>
    </div>
  );
}

function Log({ process, startedAt }: { process: ProcessView; startedAt: number }) {
  const t = useTranslations('processes');
  const lines = toArray(process.log);
  const [all, setAll] = useState(false);
  if (lines.length === 0) return null;
  const shown = all ? lines : lines.slice(-2);
  return (
    <div className="mono border-t border-dashed border-line px-2.5 py-1.5 text-[0.84rem] text-dim">
      <ol className={`m-0 list-none p-0 ${all ? 'max-h-52 overflow-auto' : ''}`} aria-label={t('logOf', { process: processName(process.id) })} {...(all ? { tabIndex: 0 } : {})}>
        {shown.map((line, index) => (
          <LogLine key={lines.length - shown.length + index} text={line.entry.text} level={line.entry.level} clock={formatClock(line.at - startedAt)} />
        ))}
      </ol>
      {lines.length > 2 && (
        <button type="button" className="mt-0.5 cursor-pointer underline" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? t('logLess') : t('logAll', { n: lines.length })}
        </button>
      )}
    </div>
  );
}

/** One line of a log. What the SDK's logger prints behind the message opens on demand. */
function LogLine({ text, level, clock }: { text: string; level: string; clock: string }) {
  const t = useTranslations('processes');
  const [open, setOpen] = useState(false);
  const { message, details } = useMemo(() => splitLog(text), [text]);
  return (
    <li>
      <span className="flex gap-2">
        <span className="tabular shrink-0">{clock}</span>
        <span className={`min-w-0 flex-1 ${level === 'ERROR' ? 'text-fail' : level === 'WARN' ? 'text-warn' : 'text-ink'}`}>
          {level === 'ERROR' ? '✕ ' : level === 'WARN' ? '! ' : ''}
          {message}
          {details && (
            <button type="button" className="ml-1.5 cursor-pointer rounded px-1 text-dim hover:bg-raised hover:text-ink" aria-expanded={open} aria-label={t('logDetails')} onClick={() => setOpen(!open)}>
              {open ? '{−}' : '{…}'}
            </button>
          )}
        </span>
      </span>
      {open && details && (
        <dl className="m-0 mb-1 ml-[5.6rem] grid grid-cols-[auto_1fr] gap-x-2">
          {Object.entries(details).map(([key, value]) => (
            <div key={key} className="contents">
              <dt>{key}</dt>
              <dd className="m-0 break-all text-ink">{typeof value === 'object' ? JSON.stringify(value) : String(value)}</dd>
            </div>
          ))}
        </dl>
      )}
    </li>
  );
}

/** The outside world: what is in its ledger has really happened, however often the code ran. */
function ExternalService({ process, service, onFault, onEdit }: ProcessesProps & { process: ProcessView; service: ServiceView | undefined }) {
  const t = useTranslations('processes');
  const frame = useFrame();
  const name = processName(process.id);
  const doubled = service ? doubledEffects(service.ledger) : new Set<number>();
  const entries = service ? toArray(service.ledger) : [];
  const phase = lastOf(service?.exchanges ?? { items: [], length: 0 })?.entry.phase;
  const busy = phase === 'received';
  const down = outageUntil(frame, name);
  const isDead = dead(process);
  return (
    <section aria-label={name} data-process={process.id} data-state={process.state} className={`@container shrink-0 rounded-xl border border-dashed ${doubled.size > 0 ? 'border-fail bg-hot' : process.state === 'killed' ? 'border-hot-line bg-hot' : 'border-edge bg-panel'}`}>
      <header className="flex items-center gap-2 px-2.5 py-1">
        <StateDot state={process.state} pulse={busy} />
        <Globe size={14} aria-hidden className="shrink-0 text-dim" />
        <h3 className="m-0 text-[1.02rem] font-semibold whitespace-nowrap">{name}</h3>
        <span className={`tag min-w-0 shrink !block truncate ${down !== null || phase === 'refused' ? '!border-fail !text-fail' : '@max-[32rem]:sr-only'}`}>{down !== null ? t('down', { span: formatSpan(down - frame.at) }) : phase === 'refused' ? t('refused') : t('externalService')}</span>
        <span className="flex-1" />
        <span data-testid={`calls-${name}`} className="whitespace-nowrap text-dim">
          {t.rich('called', { n: service?.requests ?? 0, b: (chunks) => <b className="tabular text-ink">{chunks}</b> })}
        </span>
        <IconButton look="ghost" small label={t('edit')} onClick={() => onEdit(process.id)}>
          <SquarePen size={13} aria-hidden />
        </IconButton>
        {!isDead && (
          <IconButton look="ghost" small label={t('outage')} onClick={() => onFault({ outage: { service: name, for: '30s' } })}>
            <Power size={13} aria-hidden />
          </IconButton>
        )}
        <IconButton look={isDead ? 'plain' : 'ghost'} small label={t(isDead ? 'restart' : 'crash')} onKeyDown={onceAPress} onClick={() => onFault(isDead ? { start: process.id } : { kill: process.id })}>
          {isDead ? <RotateCw size={13} aria-hidden /> : <X size={14} aria-hidden />}
        </IconButton>
      </header>
      <Trouble process={process} />
      <div className="border-t border-dashed border-line px-2.5 py-1.5">
        {doubled.size > 0 && (
          <p role="alert" className="pulse m-0 mb-1 flex items-center gap-1.5 font-semibold text-fail">
            <TriangleAlert size={15} aria-hidden /> {t('twice')}
          </p>
        )}
        {entries.length === 0 ? (
          <p className="m-0 text-dim">{t('ledgerEmpty')}</p>
        ) : (
          <ol className="m-0 flex list-none flex-col gap-0.5 p-0" aria-label={t('ledgerOf', { service: name })}>
            {entries.slice(-6).map((entry, index) => {
              const at = entries.length - Math.min(6, entries.length) + index;
              return (
                <li key={at} className={`mono flex gap-2 text-[0.88rem] ${doubled.has(at) ? 'text-fail' : ''} ${entry.step === frame.step ? 'arrive' : ''}`}>
                  <span className="tabular text-dim">{formatClock(entry.at - frame.startedAt)}</span>
                  <span>{Object.entries(entry.entry.entry).map(([key, value]) => `${key}: ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`).join(', ')}</span>
                </li>
              );
            })}
          </ol>
        )}
      </div>
      <Log process={process} startedAt={frame.startedAt} />
    </section>
  );
}

function StateDot({ state, pulse = false }: { state: ProcessView['state']; pulse?: boolean }) {
  const color = state === 'running' ? 'bg-done' : state === 'killed' ? 'bg-fail' : state === 'hung' ? 'bg-warn' : state === 'exited' ? 'bg-faint' : 'bg-run';
  return <span aria-hidden className={`size-2 shrink-0 rounded-full ${color} ${pulse || state === 'starting' || state === 'shuttingDown' ? 'pulse' : ''}`} />;
}

