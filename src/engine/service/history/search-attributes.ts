import { textToBase64 } from '../../../base/base64.ts';
import type { Payload, SearchAttributes } from '../../../api/proto.ts';
import type { Run } from '../state.ts';

const keywordList = (values: readonly string[]): Payload => ({
  metadata: { encoding: 'anNvbi9wbGFpbg==', type: 'S2V5d29yZExpc3Q=' }, data: textToBase64(JSON.stringify(values)),
});

/** Search attributes of the run, and those that the Service keeps. */
export function searchAttributesOf(run: Run): SearchAttributes {
  const fields = { ...run.searchAttributes?.indexedFields };
  if (run.buildIds.length && !fields['BuildIds']) fields['BuildIds'] = keywordList(run.versioning?.deploymentVersion ? [] : ['unversioned', ...run.buildIds.map((id) => `unversioned:${id}`)]);
  if (run.lastTaskFailure && run.task.attemptsSinceLastSuccess >= 5) {
    fields['TemporalReportedProblems'] = keywordList([`category=${run.lastTaskFailure.category}`, `cause=${run.lastTaskFailure.category}Cause${run.lastTaskFailure.cause}`]);
  }
  return { indexedFields: fields };
}
