import { Command } from 'cmdk';
import { FileUp, RotateCw, Pause, Play } from 'lucide-react';
import { useEffect, useId, useRef, useState } from 'react';
import { useMutation } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { useLocation } from 'wouter';
import type { Fault } from '../../trace/entries.ts';
import type { ViewName } from '../../scenarios/types.ts';
import { Button, Dialog, Kbd } from '../kit/kit.tsx';
import { EventIcon } from '../kit/event-icon.tsx';
import { useBranchName } from '../viewer/branch-name.ts';
import { useFrame, useViewer, useViewerState } from '../viewer/context.tsx';
import { processName } from '../viewer/events.ts';
import type { EngineLink } from '../viewer/viewer.ts';
import { scenarios } from './catalog.ts';
import { Edit, type EditProps } from './edit.tsx';
import { ImportedHistory, type Imported } from './imported.tsx';
import { useSettings } from './settings.ts';

export type DialogName = 'palette' | 'help' | 'goTo' | 'importHistory' | { readonly dropped: File } | { readonly edit: string };

interface Props {
  readonly dialog: DialogName | null;
  readonly onDialog: (dialog: DialogName | null) => void;
  readonly link: EngineLink;
  readonly onFault: (fault: Fault) => void;
  readonly onShare: () => void;
  /** The scenario's variants; a narrow or presenting screen has no menu for them. */
  readonly variants: readonly { readonly title: string; choose(): void }[];
  /** What the editor needs, for the code of a process. */
  readonly edit: (process: string) => Omit<EditProps, 'onClose'>;
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
      {dialog !== null && typeof dialog === 'object' && 'dropped' in dialog && <ImportHistory key={dropKey(dialog.dropped)} link={props.link} dropped={dialog.dropped} onClose={close} />}
      {dialog !== null && typeof dialog === 'object' && 'edit' in dialog && <Edit {...props.edit(dialog.edit)} onClose={close} />}
    </>
  );
}

function Palette({ onDialog, onFault, onShare, variants, onClose }: Props & { onClose: () => void }) {
  const t = useTranslations('palette');
  const tt = useTranslations('transport');
  const tp = useTranslations('processes');
  const ts = useTranslations('stage');
  const tc = useTranslations('common');
  const viewer = useViewer();
  const frame = useFrame();
  const workers = Object.values(frame.processes).filter((process) => process.kind === 'worker');
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
            {item(tt('forward'), () => viewer.stepBy(1), '→')}
            {item(tt('back'), () => viewer.stepBy(-1), '←')}
            {item(tt('first'), () => viewer.goTo(0), 'Home')}
            {item(tt('last'), () => void viewer.goToLast(), 'End')}
            {item(t('goTo'), () => onDialog('goTo'), 'G')}
            {item(ts('help'), () => onDialog('help'), '?')}
            {item(ts('share'), onShare)}
            {branches.map((branch) => item(t('branch', { name: branchName(branch) }), () => viewer.goTo(viewer.store.getState().step, branch.id)))}
          </Command.Group>
          {workers.length > 0 && (
          <Command.Group heading={heading(t('faults'))}>
            {workers.flatMap((process) =>
                process.state === 'killed' || process.state === 'exited'
                  ? [item(t('restart', { process: process.id }), () => onFault({ start: process.id }), 'R')]
                  : [
                      item(t('crash', { process: process.id }), () => onFault({ kill: process.id }), 'X'),
                      item(t('shutdown', { process: process.id }), () => onFault({ shutdown: process.id })),
                      item(t('evict', { process: process.id }), () => onFault({ evict: process.id })),
                    ],
              )}
          </Command.Group>
          )}
          <Command.Group heading={heading(t('code'))}>
            {Object.keys(frame.processes).length === 0
              ? item(tp('editCode'), () => onDialog({ edit: '' }))
              : Object.values(frame.processes).map((process) => item(t('edit', { process: processName(process.id) }), () => onDialog({ edit: process.id })))}
            {item(t('importHistory'), () => onDialog('importHistory'))}
          </Command.Group>
          {variants.length > 1 && <Command.Group heading={heading(ts('variant'))}>{variants.map((one) => item(t('variant', { title: one.title }), one.choose))}</Command.Group>}
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
    [t('clicker'), ['PageDown', 'PageUp']],
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
  const marks: readonly (readonly [React.ReactNode, string, string])[] = [
    [<Play key="play" size={12} fill="currentColor" aria-hidden />, 'text-timer', t('executing')],
    [<Pause key="pause" size={13} fill="currentColor" aria-hidden />, 'text-run', t('waiting')],
    ['↺', 'text-done', t('replayed')],
    ['#5', 'text-dim', t('event')],
  ];
  const signs: readonly (readonly [React.ReactNode, string])[] = [
    [<EventIcon key="workflow" category="workflow" />, t('sign.workflow')],
    [<EventIcon key="task" category="workflow" task />, t('sign.task')],
    [<EventIcon key="open" category="activity" open />, t('sign.open')],
    [<EventIcon key="activity" category="activity" />, t('sign.activity')],
    [<EventIcon key="timer" category="timer" />, t('sign.timer')],
    [<EventIcon key="signal" category="signal" />, t('sign.signal')],
    [<EventIcon key="child" category="child-workflow" />, t('sign.child')],
    [<EventIcon key="failed" category="activity" outcome="failed" />, t('sign.failed')],
    [<EventIcon key="timedOut" category="activity" outcome="timedOut" />, t('sign.timedOut')],
  ];
  return (
    <Dialog title={t('title')} open onClose={onClose} wide>
      <p className="mt-0 mb-4 text-[1.05rem] text-dim">{t('intro')}</p>
      <div className="grid gap-8 sm:grid-cols-2">
        <section>
          <h3 className="mt-0 mb-2 font-semibold">{t('keys')}</h3>
          <dl className="m-0 grid grid-cols-[1fr_auto] gap-x-4 gap-y-1.5">
            {keys.map(([what, caps]) => (
              <div key={what} className="contents">
                <dt>{what}</dt>
                <dd className="m-0 flex items-start justify-end gap-1">
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
              <div key={what} className="contents">
                <dt className={`mono flex items-center ${color}`}>{sign}</dt>
                <dd className="m-0">{what}</dd>
              </div>
            ))}
          </dl>
          <h3 className="mt-5 mb-2 font-semibold">{t('signs')}</h3>
          <dl className="m-0 grid grid-cols-[2.5rem_1fr] gap-y-1.5">
            {signs.map(([sign, what]) => (
              <div key={what} className="contents">
                <dt className="flex items-center">{sign}</dt>
                <dd className="m-0">{what}</dd>
              </div>
            ))}
          </dl>
          <p className="mt-2 mb-0 text-dim">{t('colors')}</p>
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

/** Another file is another dialog, so that each is read once. */
const dropKey = (file: File): string => `${file.name} ${file.size} ${file.lastModified}`;

function ImportHistory({ link, dropped, onClose }: { link: EngineLink; dropped?: File; onClose: () => void }) {
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
  const latest = useRef(read);
  useEffect(() => {
    if (dropped) void latest.current(dropped);
  }, [dropped]);
  const result = replay.data;
  if (result?.ok)
    return (
      <Dialog title={t('title')} open onClose={onClose} wide>
        <div className="mb-3 flex flex-wrap items-start gap-3">
          <div className="min-w-0 flex-1" aria-live="polite">
            <Verdict imported={result} />
          </div>
          <Button small onClick={() => replay.reset()}>
            {t('another')}
          </Button>
        </div>
        <ImportedHistory key={replay.submittedAt} imported={result} link={link} />
      </Dialog>
    );
  return (
    <Dialog title={t('title')} open onClose={onClose}>
      <p className="mt-0 mb-3 text-dim">{t('intro')}</p>
      <label className="btn cursor-pointer focus-within:outline-2 focus-within:outline-run">
        <FileUp size={15} aria-hidden /> {t('choose')}
        <input
          type="file"
          accept=".json,application/json"
          className="sr-only"
          onChange={(change) => {
            void read(change.target.files?.[0]);
            change.target.value = ''; // the same file, mended, may be chosen again
          }}
        />
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
      </div>
    </Dialog>
  );
}

/** What a replay on the loaded code came to. A history whose code is not here is nobody's fault. */
function Verdict({ imported: { events, workflowType, verdict } }: { imported: Imported }) {
  const t = useTranslations('importHistory');
  if (verdict.ok) return <p className="m-0 font-semibold text-done">✓ {t('ok', { events, type: workflowType })}</p>;
  if (/no such function is exported/.test(verdict.message)) return <p className="m-0">{t('noCode', { events, type: workflowType })}</p>;
  return (
    <div className="rounded-lg border border-hot-line bg-hot p-2 text-fail">
      <p className="mono m-0">✕ {t('failed', { kind: verdict.kind, message: verdict.message })}</p>
      {verdict.eventId !== undefined && <p className="m-0 mt-1">{t('place', { event: verdict.eventId, file: verdict.file ?? '', line: verdict.line ?? 0, known: verdict.file === undefined ? 'no' : 'yes' })}</p>}
    </div>
  );
}
