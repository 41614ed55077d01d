import { enumValues, rpcNames } from '../api/descriptors.ts';
import { eventName, eventType } from '../api/event-names.ts';
import { readMs } from '../base/ms.ts';
import type { FaultRule } from '../trace/entries.ts';
import { ProjectError } from './project-files.ts';

type Check = (value: unknown) => string | null;

const text: Check = (v) => (typeof v === 'string' && v !== '' ? null : 'a text');
const duration: Check = (v) => (typeof v === 'string' && (readMs(v) ?? -1) >= 0 ? null : 'a duration such as "12.5s"');
const natural: Check = (v) => (typeof v === 'number' && Number.isInteger(v) && v >= 1 ? null : 'a whole number from 1');
const bool: Check = (v) => (typeof v === 'boolean' ? null : 'true or false');
const list: Check = (v) => (Array.isArray(v) ? null : 'a list');
const yes: Check = (v) => (v === true ? null : 'true');
const edge: Check = (v) => (v === 'request' || v === 'response' ? null : '"request" or "response"');
const event: Check = (v) => (typeof v === 'string' && Object.hasOwn(enumValues['EventType'] ?? {}, eventType(v)) ? null : 'the name of an event type (WorkflowExecutionStarted, ActivityTaskScheduled …)');
const rpc: Check = (v) => (typeof v === 'string' && rpcNames.includes(v) ? null : `the name of an RPC (${rpcNames.slice(0, 3).join(', ')} …)`);

interface Shape {
  readonly [field: string]: { readonly check: Check | Shape; readonly optional?: true };
}

/** The alternatives of `when` and `do`, by the field that tells them apart (`headless.md`). */
const WHEN: { readonly [key: string]: Shape } = {
  at: { at: { check: duration } },
  step: { step: { check: natural } },
  event: { event: { check: event }, nth: { check: natural, optional: true }, workflowId: { check: text, optional: true } },
  rpc: { rpc: { check: rpc }, nth: { check: natural, optional: true }, edge: { check: edge, optional: true }, process: { check: text, optional: true } },
};
const DO: { readonly [key: string]: Shape } = {
  kill: { kill: { check: text } },
  start: { start: { check: text }, dir: { check: text, optional: true } },
  shutdown: { shutdown: { check: text } },
  evict: { evict: { check: text } },
  drop: { drop: { check: yes } },
  delay: { delay: { check: duration } },
  fail: { fail: { check: { activityType: { check: text }, attempts: { check: natural }, message: { check: text }, type: { check: text, optional: true }, nonRetryable: { check: bool, optional: true } } } },
  outage: { outage: { check: { service: { check: text }, for: { check: duration } } } },
  signal: { signal: { check: { workflowId: { check: text }, name: { check: text }, args: { check: list, optional: true } } } },
  cancel: { cancel: { check: { workflowId: { check: text } } } },
  terminate: { terminate: { check: { workflowId: { check: text } } } },
};

/** Reads a faults file; throws a {@link ProjectError} that names the place of what is wrong. */
export function readFaults(json: unknown): FaultRule[] {
  if (!Array.isArray(json)) throw new ProjectError('faults: a JSON list of {"when": …, "do": …} is needed');
  return json.map((rule: unknown, i): FaultRule => {
    const where = `faults[${i}]`;
    if (!isObject(rule)) throw new ProjectError(`${where}: not an object`);
    for (const key of Object.keys(rule)) if (key !== 'when' && key !== 'do') throw new ProjectError(`${where}: unknown field ${key}`);
    checkAlternative(`${where}.when`, rule['when'], WHEN);
    checkAlternative(`${where}.do`, rule['do'], DO);
    const checked = rule as unknown as FaultRule;
    return 'event' in checked.when ? { ...checked, when: { ...checked.when, event: eventName(checked.when.event) } } : checked; // both spellings mean the same
  });
}

const isObject = (v: unknown): v is { [key: string]: unknown } => typeof v === 'object' && v !== null && !Array.isArray(v);

function checkAlternative(where: string, value: unknown, alternatives: { readonly [key: string]: Shape }): void {
  if (!isObject(value)) throw new ProjectError(`${where}: not an object`);
  const key = Object.keys(alternatives).find((k) => k in value);
  if (!key) throw new ProjectError(`${where}: one of ${Object.keys(alternatives).join(', ')} is needed`);
  checkShape(where, value, alternatives[key] as Shape);
}

function checkShape(where: string, value: { [key: string]: unknown }, shape: Shape): void {
  for (const key of Object.keys(value)) if (!(key in shape)) throw new ProjectError(`${where}: unknown field ${key}`);
  for (const [key, { check, optional }] of Object.entries(shape)) {
    const field = value[key];
    if (field === undefined && optional) continue;
    if (typeof check !== 'function') {
      if (!isObject(field)) throw new ProjectError(`${where}.${key}: not an object`);
      checkShape(`${where}.${key}`, field, check);
      continue;
    }
    const expected = check(field);
    if (expected !== null) throw new ProjectError(`${where}.${key}: ${expected} is needed`);
  }
}
