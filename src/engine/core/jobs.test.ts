import { expect, it } from 'vitest';
import type { WorkflowActivationJob } from '../../api/proto.ts';
import { describeJob, sortJobs } from './jobs.ts';

/** sdk-core `prepare_to_ship_activation`: initialization, patches, seed, signals and updates, the rest, local activities, queries. */
it('sorts the jobs of an activation, and leaves those of a kind in their order', () => {
  const ordered: WorkflowActivationJob[] = [
    { initializeWorkflow: { workflowType: 'flow' } }, { notifyHasPatch: { patchId: 'p2' } }, { notifyHasPatch: { patchId: 'p1' } }, { updateRandomSeed: { randomnessSeed: '1' } },
    { doUpdate: { name: 'u' } }, { signalWorkflow: { signalName: 's' } }, { doUpdate: { name: 'v' } }, { fireTimer: { seq: 2 } }, { cancelWorkflow: { reason: '' } }, { resolveActivity: { seq: 1 } },
    { resolveChildWorkflowExecution: { seq: 1 } }, { resolveActivity: { seq: 4, isLocal: true } }, { resolveActivity: { seq: 3, isLocal: true } }, { queryWorkflow: { queryType: 'q' } },
  ];
  const words = ordered.map(describeJob);
  // Kinds from the last to the first; within a kind as they came.
  const kinds = [[13], [11, 12], [7, 8, 9, 10], [4, 5, 6], [3], [1, 2], [0]];
  expect(sortJobs(kinds.flat().map((i) => ordered[i]!)).map(describeJob)).toEqual(words);
  expect(sortJobs([...ordered]).map(describeJob)).toEqual(words);
});
