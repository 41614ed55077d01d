import type { VersioningOverride, WorkflowExecutionOptions } from '../../../api/proto.ts';
import type { Service } from '../service.ts';
import type { Run } from '../state.ts';
import { addEvent } from './event-store.ts';

/** A field mask in proto3 JSON is text with commas, in camel case. */
export const maskOf = (mask: unknown): string[] => (typeof mask === 'string' ? mask.split(',') : ((mask as { paths?: string[] } | undefined)?.paths ?? [])).map((m) => m.trim());

/** Whether the mask names the versioning. */
export const namesVersioning = (mask: readonly string[]): boolean => mask.some((m) => m.startsWith('versioning'));

/** An override without what clients add to it for older servers (`worker_versioning.ConvertOverrideToV32`). */
export const keptOverride = (override: VersioningOverride | undefined): VersioningOverride | undefined =>
  override?.pinned ? { pinned: override.pinned } : override?.autoUpgrade ? { autoUpgrade: true } : override;

const optionsOf = (run: Run): WorkflowExecutionOptions => ({ versioningOverride: run.versioning?.override ?? undefined, priority: run.priority ?? undefined });

/** Changes those options of a run that the mask names (`updateworkflowoptions.MergeAndApply`): what they are then, as they were asked for, and whether that is new. */
export function changeOptions(svc: Service, run: Run, options: WorkflowExecutionOptions, mask: readonly string[], identity: string): { readonly merged: WorkflowExecutionOptions; readonly changed: boolean } {
  const before = optionsOf(run);
  const merged = { versioningOverride: namesVersioning(mask) ? options.versioningOverride : before.versioningOverride, priority: mask.includes('priority') ? options.priority : before.priority };
  if (JSON.stringify(merged) === JSON.stringify(before)) return { merged, changed: false };
  // The event tells all options, also those that stay.
  addEvent(svc, run, 'workflowExecutionOptionsUpdated', {
    versioningOverride: keptOverride(merged.versioningOverride), unsetVersioningOverride: !merged.versioningOverride || undefined, identity: identity || undefined, priority: merged.priority,
  });
  return { merged, changed: true };
}
