import { parseMs } from '../../base/ms.ts';
import type { DurationMs, ProcessId } from '../../base/brand.ts';
import type { RpcName } from '../../api/proto.ts';
import type { Fault, FaultRule } from '../../trace/entries.ts';

/**
 * Which faults strike when. A rule fires once; its counter runs over the whole run. Plain data.
 */
export interface FaultState {
  readonly rules: readonly FaultRule[];
  /** How often each rule's event or RPC has been seen; −1 once it fired. */
  readonly seen: number[];
  /** Rules by what they wait for, so that a step without faults costs nothing. */
  readonly events: number[];
  readonly rpcs: number[];
  readonly steps: number[];
}

export function createFaultState(rules: readonly FaultRule[]): FaultState {
  const state: FaultState = { rules, seen: rules.map(() => 0), events: [], rpcs: [], steps: [] };
  rules.forEach((rule, i) => {
    if ('event' in rule.when) state.events.push(i);
    else if ('rpc' in rule.when) state.rpcs.push(i);
    else if ('step' in rule.when) state.steps.push(i);
  });
  return state;
}

const fire = (state: FaultState, i: number, nth: number | undefined): boolean => {
  const seen = state.seen[i] as number;
  if (seen < 0) return false;
  const now = seen + 1;
  state.seen[i] = now === (nth ?? 1) ? -1 : now;
  return now === (nth ?? 1);
};

/** Faults that strike before this step. */
export function faultsAtStep(state: FaultState, step: number): Fault[] {
  return state.steps.flatMap((i) => {
    const rule = state.rules[i] as FaultRule;
    return 'step' in rule.when && rule.when.step === step && fire(state, i, 1) ? [rule.do] : [];
  });
}

/** Faults that strike because this event (`ActivityTaskScheduled`) was just written. */
export function faultsAtEvent(state: FaultState, event: string, workflowId: string): Fault[] {
  return state.events.flatMap((i) => {
    const { when, do: fault } = state.rules[i] as FaultRule;
    if (!('event' in when) || when.event !== event) return [];
    return (when.workflowId === undefined || when.workflowId === workflowId) && fire(state, i, when.nth) ? [fault] : [];
  });
}

/** Faults that strike just before this hop is delivered. */
export function faultsAtRpc(state: FaultState, rpc: RpcName, edge: 'request' | 'response', process: ProcessId): Fault[] {
  return state.rpcs.flatMap((i) => {
    const { when, do: fault } = state.rules[i] as FaultRule;
    if (!('rpc' in when) || when.rpc !== rpc || (when.edge ?? 'request') !== edge) return [];
    return (when.process === undefined || when.process === process) && fire(state, i, when.nth) ? [fault] : [];
  });
}

/** Rules that strike at a time after the start. */
export const timedFaults = (rules: readonly FaultRule[]): { after: DurationMs; fault: Fault }[] =>
  rules.flatMap((rule) => ('at' in rule.when ? [{ after: parseMs(rule.when.at), fault: rule.do }] : []));
