import { useCallback } from 'react';
import { useTranslations } from 'use-intl';
import type { BranchInfo } from '../../protocol/messages.ts';
import type { Fault } from '../../trace/entries.ts';
import type { TraceModel } from '../../trace/model.ts';
import { useViewerState } from './context.tsx';
import { processName } from './events.ts';

/** What a branch is called: by the input that made it, with a number where an older one is called the same. */
export function useBranchName(): (branch: BranchInfo) => string {
  const t = useTranslations('branch');
  const model = useViewerState((state) => state.model);
  const branches = useViewerState((state) => state.branches);
  return useCallback(
    (branch) => {
      const name = nameByInput(branch, model, t);
      const older = branches.filter((other) => other.id < branch.id && nameByInput(other, model, t) === name).length;
      return older === 0 ? name : t('again', { name, n: older + 1 });
    },
    [t, model, branches],
  );
}

function nameByInput(branch: BranchInfo, model: TraceModel, t: ReturnType<typeof useTranslations<'branch'>>): string {
  if (branch.parent === null) return t('first');
  if (!model.has(branch.id) || model.head(branch.id) <= branch.forkStep) return branch.label;
  const step = branch.forkStep;
  for (const { entry } of model.entriesAt(branch.id, step + 1)) {
    if (entry.type !== 'input') continue;
    if (entry.input.type === 'deploy') return t('deploy', { process: processName(entry.input.process), step });
    const { fault } = entry.input;
    if ('outage' in fault) return t('outage', { process: fault.outage.service, step });
    const kind = kindOf(fault);
    if (kind) return t(kind, { process: processName(Object.values(fault)[0] as string), step });
  }
  return branch.label;
}

const kindOf = (fault: Fault): 'kill' | 'start' | 'shutdown' | 'evict' | undefined => ('kill' in fault ? 'kill' : 'start' in fault ? 'start' : 'shutdown' in fault ? 'shutdown' : 'evict' in fault ? 'evict' : undefined);
