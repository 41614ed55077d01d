import { Command } from 'cmdk';
import { FileUp, RotateCw } from 'lucide-react';
import { lazy, Suspense, useEffect, useId, useRef, useState } from 'react';
import { useMutation } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { useLocation } from 'wouter';
import type { Fault } from '../../trace/entries.ts';
import type { Requests } from '../../protocol/messages.ts';
import type { ViewName } from '../../scenarios/types.ts';
import { Button, Dialog, Kbd } from '../kit/kit.tsx';
import { useBranchName } from '../viewer/branch-name.ts';
import { useFrame, useViewer, useViewerState } from '../viewer/context.tsx';
import type { EngineLink } from '../viewer/viewer.ts';
import { scenarios } from './catalog.ts';
import { useSettings } from './settings.ts';

const CodeEditor = lazy(async () => ({ default: (await import('../kit/code-view.tsx')).CodeEditor }));

export type DialogName = 'palette' | 'help' | 'goTo' | 'importHistory' | { readonly edit: string };

interface Props {
  readonly dialog: DialogName | null;
  readonly onDialog: (dialog: DialogName | null) => void;
  /** Sources with the learner's changes. */
  readonly sources: Readonly<Record<string, string>>;
  readonly shipped: Readonly<Record<string, string>>;
  readonly link: EngineLink;
  readonly onFault: (fault: Fault) => void;
  readonly onDeploy: (process: string, files: Readonly<Record<string, string>>) => Promise<Requests['input']['response'] | undefined>;
}

export function Dialogs(props: Props) {
  const { dialog } = props;
  const close = (): void => props.onDialog(null);
  return (
    <>
      {dialog === 'palette' && <Palette {...props} onClose={close} />}
      {dialog === 'help' && <Help onClose={close} />}
      {dialog === 'goTo' && <GoTo onClose={close} />}
      {dialog === 'importHistory' && <ImportHistory link={props.link} onClose={close} />}
      {dialog !== null && typeof dialog === 'object' && <Edit process={dialog.edit} {...props} onClose={close} />}
    </>
  );
}

function Palette({ onDialog, onFault, onClose }: Props & { onClose: () => void }) {
  const t = useTranslations('palette');
  const tt = useTranslations('transport');
  const ts = useTranslations('stage');
  const tc = useTranslations('common');
  const viewer = useViewer();
  const frame = useFrame();
  const branches = useViewerState((state) => state.branches);
  const branchName = useBranchName();
  const { theme, locale, large, set } = useSettings();
  const [, navigate] = useLocation();
  const act = (action: () => void) => () => {
    onClose();
    action();
  };
  const item = (label: string, action: () => void, shortcut?: string) => (
    <Command.Item key={label} className="menu-item" onSelect={act(action)}>
      <span className="flex-1">{label}</span>
      {shortcut && <Kbd>{shortcut}</Kbd>}
    </Command.Item>
  );
  const heading = (text: string) => <span className="px-2 text-[0.86rem] text-dim">{text}</span>;
  return (
    <Dialog title={t('title')} open onClose={onClose}>
      <Command label={t('title')}>
        <Command.Input autoFocus placeholder={t('placeholder')} className="mb-2 w-full rounded-lg border border-line bg-raised px-3 py-2 text-ink placeholder:text-dim" />
        <Command.List className="max-h-[50dvh] overflow-auto">
          <Command.Empty className="p-4 text-center text-dim">{t('none')}</Command.Empty>
          <Command.Group heading={heading(t('transport'))}>
            {item(tt('play'), () => viewer.togglePlay(), 'P')}
            {item(tt('nextTask'), () => viewer.nextWorkflowTask(), '⇧→')}
            {item(tt('first'), () => viewer.goTo(0), 'Home')}
            {item(tt('last'), () => viewer.goTo(Infinity), 'End')}
            {item(ts('help'), () => onDialog('help'), '?')}
            {branches.map((branch) => item(t('branch', { name: branchName(branch) }), () => viewer.goTo(viewer.store.getState().step, branch.id)))}
          </Command.Group>
          <Command.Group heading={heading(t('faults'))}>
            {Object.values(frame.processes)
              .filter((process) => process.kind === 'worker')
              .flatMap((process) =>
                process.state === 'killed' || process.state === 'exited'
                  ? [item(t('restart', { process: process.id }), () => onFault({ start: process.id }), 'R')]
                  : [
                      item(t('crash', { process: process.id }), () => onFault({ kill: process.id }), 'X'),
                      item(t('shutdown', { process: process.id }), () => onFault({ shutdown: process.id })),
                      item(t('evict', { process: process.id }), () => onFault({ evict: process.id })),
                      item(t('edit', { process: process.id }), () => onDialog({ edit: process.id })),
                    ],
              )}
            {item(t('importHistory'), () => onDialog('importHistory'))}
          </Command.Group>
          <Command.Group heading={heading(t('views'))}>
            {(['zipper', 'sequence', 'timeline', 'states', 'metrics', 'explain'] satisfies ViewName[]).map((view) => item(ts(`view.${view}`), () => viewer.select({ view })))}
          </Command.Group>
          <Command.Group heading={heading(t('scenarios'))}>{scenarios.map((scenario) => item(scenario.title[locale], () => navigate(`/s/${scenario.slug}`)))}</Command.Group>
          <Command.Group heading={heading(t('appearance'))}>
            {item(theme === 'dark' ? tc('lightTheme') : tc('darkTheme'), () => set({ theme: theme === 'dark' ? 'light' : 'dark' }), 'D')}
            {item(t('language'), () => set({ locale: locale === 'en' ? 'de' : 'en' }))}
            {item(ts('present'), () => set({ large: !large }))}
          </Command.Group>
        </Command.List>
      </Command>
    </Dialog>
  );
}

function Help({ onClose }: { onClose: () => void }) {
  const t = useTranslations('help');
  const keys: readonly (readonly [string, readonly string[]])[] = [
    [t('forward'), ['→', 'Space', 'PageDown']],
    [t('back'), ['←', '⇧ Space', 'PageUp']],
    [t('nextTask'), ['⇧ →']],
    [t('startEnd'), ['Home', 'End']],
    [t('play'), ['P']],
    [t('pause'), ['.']],
    [t('crash'), ['X']],
    [t('restart'), ['R']],
    [t('timer'), ['T']],
    [t('rows'), ['J', 'K']],
    [t('palette'), ['Ctrl K']],
    [t('goTo'), ['G']],
    [t('fullScreen'), ['F']],
    [t('overview'), ['O']],
    [t('theme'), ['D']],
    [t('help'), ['?']],
  ];
  const marks: readonly (readonly [string, string, string])[] = [
    ['▶', 'text-timer', t('executing')],
    ['⏸', 'text-run', t('waiting')],
    ['↺', 'text-done', t('replayed')],
    ['#5', 'text-dim', t('event')],
  ];
  return (
    <Dialog title={t('title')} open onClose={onClose} wide>
      <p className="mt-0 text-[1.05rem] text-dim">{t('intro')}</p>
      <div className="grid gap-8 sm:grid-cols-2">
        <section>
          <h3 className="mt-0 mb-2 font-semibold">{t('keys')}</h3>
          <dl className="m-0 grid grid-cols-[1fr_auto] gap-x-4 gap-y-1.5">
            {keys.map(([what, caps]) => (
              <div key={what} className="contents">
                <dt>{what}</dt>
                <dd className="m-0 flex justify-end gap-1">
                  {caps.map((cap) => (
                    <Kbd key={cap}>{cap}</Kbd>
                  ))}
                </dd>
              </div>
            ))}
          </dl>
        </section>
        <section>
          <h3 className="mt-0 mb-2 font-semibold">{t('marks')}</h3>
          <dl className="m-0 grid grid-cols-[2.5rem_1fr] gap-y-1.5">
            {marks.map(([sign, color, what]) => (
              <div key={sign} className="contents">
                <dt className={`mono ${color}`}>{sign}</dt>
                <dd className="m-0">{what}</dd>
              </div>
            ))}
          </dl>
          <p className="text-dim">{t('colors')}</p>
        </section>
      </div>
    </Dialog>
  );
}

function GoTo({ onClose }: { onClose: () => void }) {
  const t = useTranslations('goTo');
  const viewer = useViewer();
  const head = useViewerState((state) => state.model.head(state.branch));
  const input = useRef<HTMLInputElement>(null);
  return (
    <Dialog title={t('title')} open onClose={onClose}>
      <form
        className="flex items-end gap-3"
        onSubmit={(submit) => {
          submit.preventDefault();
          viewer.goTo(Number(input.current?.value ?? 0));
          onClose();
        }}
      >
        <label className="flex-1">
          <span className="mb-1 block text-dim">{t('label', { head })}</span>
          <input ref={input} type="number" min={0} max={head} required autoFocus className="w-full rounded-lg border border-line bg-raised px-3 py-1.5" />
        </label>
        <Button type="submit" look="primary">
          {t('go')}
        </Button>
      </form>
    </Dialog>
  );
}

const MAX_HISTORY_BYTES = 60 * 1024 * 1024;

function ImportHistory({ link, onClose }: { link: EngineLink; onClose: () => void }) {
  const t = useTranslations('importHistory');
  const [text, setText] = useState('');
  const [tooLarge, setTooLarge] = useState(false);
  const field = useId();
  const replay = useMutation({ mutationFn: (history: string) => link.importHistory(history), networkMode: 'always' });
  const read = async (file: File | undefined): Promise<void> => {
    if (!file) return;
    setTooLarge(file.size > MAX_HISTORY_BYTES);
    if (file.size > MAX_HISTORY_BYTES) return;
    const content = await file.text();
    setText(content);
    replay.mutate(content);
  };
  const result = replay.data;
  return (
    <Dialog title={t('title')} open onClose={onClose}>
      <p className="mt-0 text-dim">{t('intro')}</p>
      <label className="btn cursor-pointer focus-within:outline-2 focus-within:outline-run">
        <FileUp size={15} aria-hidden /> {t('choose')}
        <input type="file" accept=".json,application/json" className="sr-only" onChange={(change) => void read(change.target.files?.[0])} />
      </label>
      <label htmlFor={field} className="mt-3 mb-1 block text-dim">
        {t('paste')}
      </label>
      <textarea id={field} value={text.length > 100_000 ? `${text.slice(0, 100_000)}…` : text} onChange={(change) => setText(change.target.value)} rows={7} className="mono w-full rounded-lg border border-line bg-raised p-2 text-[0.9rem] text-ink" />
      <div className="mt-3 flex items-center gap-3">
        <Button look="primary" disabled={text.trim() === '' || replay.isPending} onClick={() => replay.mutate(text)}>
          <RotateCw size={15} aria-hidden className={replay.isPending ? 'animate-spin' : ''} /> {t('replay')}
        </Button>
      </div>
      <div aria-live="polite" className="mt-3 empty:hidden">
        {tooLarge && <p className="m-0 text-fail">{t('tooLarge')}</p>}
        {replay.error && <p className="m-0 text-fail">{t('refused', { message: replay.error.message })}</p>}
        {result && !result.ok && <p className="m-0 text-fail">{t('refused', { message: result.message })}</p>}
        {result?.ok &&
          (result.verdict.ok ? (
            <p className="m-0 font-semibold text-done">✓ {t('ok', { events: result.events, type: result.workflowType })}</p>
          ) : (
            <p className="mono m-0 rounded-lg border border-hot-line bg-hot p-2 text-fail">✕ {t('failed', { kind: result.verdict.kind, message: result.verdict.message })}</p>
          ))}
      </div>
    </Dialog>
  );
}

function Edit({ process, sources, shipped, onDeploy, onClose, onFault }: Props & { process: string; onClose: () => void }) {
  const t = useTranslations('edit');
  const tc = useTranslations('common');
  const frame = useFrame();
  const files = Object.keys(sources).filter((path) => path.endsWith('.ts'));
  const [file, setFile] = useState(() => files.find((path) => /workflows/.test(path)) ?? files[0] ?? '');
  const [drafts, setDrafts] = useState<Readonly<Record<string, string>>>({});
  const [errors, setErrors] = useState<readonly { file: string; line: number; column: number; message: string }[]>([]);
  const [busy, setBusy] = useState(false);
  const [version, setVersion] = useState(0);
  const changed = Object.entries(drafts).filter(([path, text]) => text !== sources[path]);
  useEffect(() => setErrors([]), [process]);
  const deploy = async (): Promise<void> => {
    setBusy(true);
    const response = await onDeploy(process, Object.fromEntries(changed));
    setBusy(false);
    if (response?.ok) {
      onClose();
      const state = frame.processes[process]?.state;
      if (state === 'killed' || state === 'exited' || state === 'running' || state === 'hung') onFault({ start: process });
    } else if (response) {
      setErrors(response.errors);
      if (response.errors[0] && sources[response.errors[0].file] !== undefined) setFile(response.errors[0].file);
    }
  };
  const text = drafts[file] ?? sources[file] ?? '';
  return (
    <Dialog title={t('title')} open onClose={onClose} wide>
      <p className="mt-0 text-dim">{t('intro', { process })}</p>
      <div className="mb-2 flex flex-wrap gap-1" role="group" aria-label={t('file')}>
        {files.map((path) => (
          <button key={path} type="button" aria-pressed={path === file} onClick={() => setFile(path)} className={`mono cursor-pointer rounded-md px-2 py-0.5 ${path === file ? 'bg-raised text-ink shadow-[inset_0_-2px_var(--done)]' : 'text-dim hover:text-ink'}`}>
            {path}
            {drafts[path] !== undefined && drafts[path] !== sources[path] ? ' •' : ''}
          </button>
        ))}
      </div>
      <div className="h-[46dvh] overflow-hidden rounded-lg border border-line bg-panel">
        <Suspense fallback={<p className="p-4 text-dim">{tc('loading')}</p>}>
          <CodeEditor key={`${file}#${version}`} text={text} label={t('editor', { file })} errors={errors.filter((error) => error.file === file)} onChange={(next) => setDrafts((before) => ({ ...before, [file]: next }))} />
        </Suspense>
      </div>
      {errors.length > 0 && (
        <div role="alert" className="mt-2 rounded-lg border border-hot-line bg-hot p-2">
          <strong className="text-fail">{t('errors')}</strong>
          <ul className="mono m-0 list-none p-0 text-[0.92rem]">
            {errors.map((error, index) => (
              <li key={index}>
                {error.file}:{error.line}:{error.column} {error.message}
              </li>
            ))}
          </ul>
        </div>
      )}
      <div className="mt-3 flex flex-wrap items-center gap-3">
        <Button look="primary" disabled={changed.length === 0 || busy} onClick={() => void deploy()}>
          {busy ? t('deploying') : t('deploy')}
        </Button>
        <Button
          disabled={changed.length === 0 && files.every((path) => sources[path] === shipped[path])}
          onClick={() => {
            setDrafts(shipped);
            setVersion(version + 1);
          }}
        >
          {t('reset')}
        </Button>
        <span className="text-dim">{changed.length === 0 ? t('unchanged') : t('keys')}</span>
      </div>
    </Dialog>
  );
}
