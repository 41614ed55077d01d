import type { WorkflowTaskCompletedEventAttributes, WorkflowTaskCompletedMetadata } from '../../api/proto.ts';
import { compareNumber } from '../../base/compare.ts';

/** Behaviours of Core that changed over time; a history uses those that its first completion names. */
export const CoreFlag = {
  /** Types and ids of activities, local activities and children are compared on replay. */
  IdAndTypeDeterminismChecks: 1,
  /** `patched` also upserts the search attribute TemporalChangeVersion. */
  UpsertSearchAttributeOnPatch: 2,
  /** Commands after a terminal one are moved before it instead of dropped. */
  MoveTerminalCommands: 3,
} as const;
export type CoreFlag = (typeof CoreFlag)[keyof typeof CoreFlag];

const ALL_CORE_FLAGS: readonly number[] = [1, 2, 3];

/** Name and version that the first completion of a run writes into history. */
export const SDK_NAME = 'temporal-typescript';
export const SDK_VERSION = '1.24.0';

/** Flags that a run has recorded so far and those to record with the next completion. */
export interface InternalFlags {
  core: number[];
  lang: number[];
  newCore: number[];
  newLang: number[];
  lastSdkName: string;
  lastSdkVersion: string;
}

export const createFlags = (): InternalFlags => ({ core: [], lang: [], newCore: [], newLang: [], lastSdkName: '', lastSdkVersion: '' });

const add = (to: number[], values: readonly number[]): void => {
  for (const value of values) if (!to.includes(value)) to.push(value);
};

/** Learns what a recorded completion used. */
export function addFromCompleted(flags: InternalFlags, attributes: WorkflowTaskCompletedEventAttributes): void {
  const metadata = attributes.sdkMetadata;
  if (!metadata) return;
  if (metadata.coreUsedFlags) add(flags.core, metadata.coreUsedFlags);
  if (metadata.langUsedFlags) add(flags.lang, metadata.langUsedFlags);
  if (metadata.sdkName) flags.lastSdkName = metadata.sdkName;
  if (metadata.sdkVersion) flags.lastSdkVersion = metadata.sdkVersion;
}

/** Flags that the SDK in the VM used in an activation. */
export const addLangUsed = (flags: InternalFlags, used: readonly number[]): void => add(flags.newLang, used);

/** May this behaviour be used? With `record` yes, and the next completion says so; else only if history says that it was. */
export function tryUse(flags: InternalFlags, flag: CoreFlag, record: boolean): boolean {
  if (!record) return flags.core.includes(flag);
  add(flags.newCore, [flag]);
  return true;
}

/** What the completion says about the SDK: everything the first time, `{}` from then on. */
export function metadataForCompletion(flags: InternalFlags): WorkflowTaskCompletedMetadata {
  add(flags.newCore, ALL_CORE_FLAGS);
  const core = flags.newCore.filter((flag) => !flags.core.includes(flag)).sort(compareNumber);
  const lang = flags.newLang.filter((flag) => !flags.lang.includes(flag)).sort(compareNumber);
  add(flags.core, flags.newCore);
  add(flags.lang, flags.newLang);
  return {
    ...(core.length > 0 && { coreUsedFlags: core }),
    ...(lang.length > 0 && { langUsedFlags: lang }),
    ...(flags.lastSdkName !== SDK_NAME && { sdkName: SDK_NAME }),
    ...(flags.lastSdkVersion !== SDK_VERSION && { sdkVersion: SDK_VERSION }),
  };
}

/** Flags of the SDK in the VM, in order. */
export const langFlags = (flags: InternalFlags): number[] => (flags.lang.length === 0 ? [] : [...flags.lang].sort(compareNumber));
