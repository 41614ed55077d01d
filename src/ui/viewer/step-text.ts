import { useCallback } from 'react';
import { useTranslations } from 'use-intl';
import type { StepItem, TraceEntry } from '../../trace/entries.ts';
import type { Stamped } from '../../trace/model.ts';
import { processName } from './events.ts';

/** A step in a sentence: `worker-1 asks for a Workflow Task`. With the step's entries it also says whether there was one. */
export function useStepText(): (item: StepItem | null, entries?: readonly Stamped<TraceEntry>[]) => string {
  const t = useTranslations('step');
  return useCallback(
    (item, entries = []) => {
      if (item === null) return t('start');
      switch (item.kind) {
        case 'request':
        case 'response': {
          const delivery = entries.find(({ entry }) => entry.type === 'delivery')?.entry;
          const values = { process: item.process, rpc: item.rpc };
          if (delivery?.type === 'delivery' && delivery.dropped) return t('lost', values);
          if (delivery?.type === 'delivery' && delivery.error) return t('refused', values);
          const empty = delivery?.type === 'delivery' && delivery.summary === 'empty';
          if (item.kind === 'response' && item.rpc.startsWith('Poll') && empty) return t('pollEmpty', values);
          const key = `${item.kind === 'request' ? 'ask' : 'get'}.${item.rpc}` as 'ask.StartWorkflowExecution';
          return t.has(key) ? t(key, values) : t(item.kind, values);
        }
        case 'serviceTimer': {
          const key = `timer.${item.name}` as 'timer.timerFired';
          return t.has(key) ? t(key) : t('serviceTimer', { name: item.name });
        }
        case 'processTimer': {
          const key = `processTimers.${item.name}` as 'processTimers.timer';
          const process = processName(item.process);
          return t.has(key) ? t(key, { process }) : t('processTimer', { process, name: item.name });
        }
        case 'processStart':
          return t('processStart', { process: processName(item.process) });
        case 'fetchRequest':
          return t('fetchRequest', { process: item.process, service: item.service, path: item.path });
        case 'fetchResponse':
          return t('fetchResponse', { process: item.process, service: item.service, path: item.path });
        case 'fault':
        case 'input': {
          const [name = '', process = ''] = item.name.split(' ');
          const about = process === '' ? faultTarget(entries) : process;
          const key = `input.${name}` as 'input.kill';
          return t.has(key) ? t(key, { process: processName(about) }) : item.name;
        }
      }
    },
    [t],
  );
}

/** The name that Temporal's own logs and metrics would use for the step; empty where there is none. */
export const technicalName = (item: StepItem | null): string => (item?.kind === 'request' ? `${item.rpc} →` : item?.kind === 'response' ? `← ${item.rpc}` : item?.kind === 'serviceTimer' ? item.name : '');

function faultTarget(entries: readonly Stamped<TraceEntry>[]): string {
  const entry = entries.find((one) => one.entry.type === 'input')?.entry;
  if (entry?.type !== 'input') return '';
  if (entry.input.type === 'deploy') return entry.input.process;
  if ('outage' in entry.input.fault) return entry.input.fault.outage.service;
  const value: unknown = Object.values(entry.input.fault)[0];
  return typeof value === 'string' ? value : '';
}
