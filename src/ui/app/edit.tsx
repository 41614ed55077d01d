import { useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { CompileError } from '../../api/sandbox.ts';
import { CodeEditor } from '../kit/code-view.tsx';
import { Button, Dialog } from '../kit/kit.tsx';
import { processName } from '../viewer/events.ts';
import { CompileErrors } from './compile-errors.tsx';
import { keepDrafts, keptDrafts, type Drafts } from './drafts.ts';
import type { Sources } from './catalog.ts';

/** What came of handing changed sources over. */
export type Accepted = { readonly ok: true } | { readonly ok: false; readonly errors: readonly CompileError[] } | undefined;

export interface EditProps {
  /** Whose code it is; empty before any process runs. */
  readonly process: string;
  readonly slug: string;
  /** What the process runs. */
  readonly sources: Sources;
  readonly shipped: Sources;
  /** Restarts the process with other sources, on a branch that begins here. */
  readonly onDeploy: (process: string, files: Drafts) => Promise<Accepted>;
  /** Starts the whole run anew with other sources. */
  readonly onRun: (files: Drafts) => Promise<Accepted>;
  readonly onClose: () => void;
}

/** The project's code, to be changed and then deployed to one process, or run from the start. */
export function Edit({ process, slug, sources, shipped, onDeploy, onRun, onClose }: EditProps) {
  const t = useTranslations('edit');
  const tc = useTranslations('common');
  const files = Object.keys(sources).filter((path) => path.endsWith('.ts'));
  const [file, setFile] = useState(() => files.find((path) => fits(process).test(path)) ?? files[0] ?? '');
  const [drafts, setDrafts] = useState<Drafts | null>(null);
  const [errors, setErrors] = useState<readonly CompileError[]>([]);
  const [busy, setBusy] = useState(false);
  const [version, setVersion] = useState(0);
  useEffect(() => {
    let open = true;
    void keptDrafts(slug).then((kept) => open && setDrafts(kept));
    return () => {
      open = false;
    };
  }, [slug]);

  const text = (path: string): string => drafts?.[path] ?? sources[path] ?? '';
  const differing = (from: Sources): Drafts => Object.fromEntries(files.filter((path) => text(path) !== from[path]).map((path) => [path, text(path)]));
  const unchanged = Object.keys(differing(sources)).length === 0;
  const shippedAgain = Object.keys(differing(shipped)).length === 0;

  const put = (next: Drafts): void => {
    setDrafts(next);
    void keepDrafts(slug, Object.fromEntries(Object.entries(next).filter(([path, written]) => written !== shipped[path])));
  };
  const hand = async (over: (files: Drafts) => Promise<Accepted>): Promise<void> => {
    setBusy(true);
    const response = await over(differing(shipped));
    setBusy(false);
    if (response?.ok) return onClose();
    setErrors(response?.errors ?? []);
    const first = response?.errors[0]?.file;
    if (first !== undefined && files.includes(first)) setFile(first);
  };
  return (
    <Dialog title={t('title')} open onClose={onClose} wide>
      <p className="mt-0 mb-3 text-dim">{process === '' ? t('introBefore') : t('intro', { process: processName(process) })}</p>
      <div className="mb-2 flex flex-wrap gap-1" role="group" aria-label={t('file')}>
        {files.map((path) => (
          <button key={path} type="button" aria-pressed={path === file} onClick={() => setFile(path)} className={`mono min-h-6 cursor-pointer rounded-md px-2 py-0.5 ${path === file ? 'bg-raised text-ink shadow-[inset_0_-2px_var(--done)]' : 'text-dim hover:text-ink'}`}>
            {path}
            {text(path) !== shipped[path] && (
              <span className="text-warn">
                {' '}
                <span aria-hidden>•</span>
                <span className="sr-only">{t('changed')}</span>
              </span>
            )}
          </button>
        ))}
      </div>
      <div className="h-[46dvh] overflow-hidden rounded-lg border border-line bg-panel">
        {drafts === null ? (
          <p className="p-4 text-dim">{tc('loading')}</p>
        ) : (
          <CodeEditor key={`${file}#${version}`} text={text(file)} label={t('editor', { file })} errors={errors.filter((error) => error.file === file)} onChange={(next) => put({ ...drafts, [file]: next })} />
        )}
      </div>
      {errors.length > 0 && (
        <div role="alert" className="mt-2 rounded-lg border border-hot-line bg-hot p-2">
          <strong className="text-fail">{t('errors')}</strong>
          <CompileErrors errors={errors} />
        </div>
      )}
      <div className="mt-3 flex flex-wrap items-center gap-3">
        {process !== '' && (
          <Button look="primary" disabled={unchanged || busy} onClick={() => void hand((changed) => onDeploy(process, changed))}>
            {busy ? t('deploying') : t('deploy')}
          </Button>
        )}
        <Button {...(process === '' ? { look: 'primary' as const } : {})} disabled={busy} onClick={() => void hand(onRun)}>
          {t('run')}
        </Button>
        <Button
          look="ghost"
          disabled={unchanged && shippedAgain}
          onClick={() => {
            put(shipped);
            setErrors([]);
            setVersion(version + 1);
          }}
        >
          {t('reset')}
        </Button>
        <span className="text-dim">{unchanged && shippedAgain ? t('unchanged') : t('keys')}</span>
      </div>
    </Dialog>
  );
}

/** The file that a learner most likely wants to change. */
const fits = (process: string): RegExp => (process.startsWith('service') ? /services/ : process.startsWith('client') ? /client/ : /workflows/);
