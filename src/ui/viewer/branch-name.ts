import { useCallback } from 'react';
import { useTranslations } from 'use-intl';
import type { BranchInfo } from '../../protocol/messages.ts';
import type { Fault } from '../../trace/entries.ts';
import { useViewerState } from './context.tsx';

/** What a branch is called: by the input that made it. */
export function useBranchName(): (branch: BranchInfo) => string {
  const t = useTranslations('branch');
  const model = useViewerState((state) => state.model);
  return useCallback(
    (branch) => {
      if (branch.parent === null) return t('first');
      if (!model.has(branch.id) || model.head(branch.id) <= branch.forkStep) return branch.label;
      for (const { entry } of model.entriesAt(branch.id, branch.forkStep + 1)) {
        if (entry.type !== 'input') continue;
        if (entry.input.type === 'deploy') return t('deploy', { process: entry.input.process, step: branch.forkStep });
        const { fault } = entry.input;
        if ('outage' in fault) return t('outage', { process: fault.outage.service, step: branch.forkStep });
        const kind = kindOf(fault);
        if (kind) return t(kind, { process: Object.values(fault)[0] as string, step: branch.forkStep });
      }
      return branch.label;
    },
    [t, model],
  );
}

const kindOf = (fault: Fault): 'kill' | 'start' | 'shutdown' | 'evict' | undefined => ('kill' in fault ? 'kill' : 'start' in fault ? 'start' : 'shutdown' in fault ? 'shutdown' : 'evict' in fault ? 'evict' : undefined);
