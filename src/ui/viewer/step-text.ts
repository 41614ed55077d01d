import { useCallback } from 'react';
import { useTranslations } from 'use-intl';
import type { StepItem } from '../../trace/entries.ts';

/** A step's item in a few words: `worker-1 → RespondWorkflowTaskCompleted`. */
export function useStepText(): (item: StepItem | null) => string {
  const t = useTranslations('step');
  return useCallback(
    (item) => {
      if (item === null) return t('start');
      switch (item.kind) {
        case 'request':
          return t('request', { process: item.process, rpc: item.rpc });
        case 'response':
          return t('response', { process: item.process, rpc: item.rpc });
        case 'serviceTimer':
          return t('serviceTimer', { name: item.name });
        case 'processTimer':
          return t('processTimer', { process: item.process, name: item.name });
        case 'processStart':
          return t('processStart', { process: item.process });
        case 'fetchRequest':
          return t('fetchRequest', { process: item.process, service: item.service, path: item.path });
        case 'fetchResponse':
          return t('fetchResponse', { process: item.process, service: item.service, path: item.path });
        case 'fault':
        case 'input':
          return t('input', { name: item.name });
      }
    },
    [t],
  );
}
