import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { sleep, upsertMemo, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';

const CustomIntField = defineSearchAttributeKey('CustomIntField', SearchAttributeType.INT);
const CustomKeywordField = defineSearchAttributeKey('CustomKeywordField', SearchAttributeType.KEYWORD);
const CustomDatetimeField = defineSearchAttributeKey('CustomDatetimeField', SearchAttributeType.DATETIME);

export async function example(): Promise<Record<string, unknown>> {
  const before = workflowInfo().typedSearchAttributes.get(CustomIntField);
  upsertSearchAttributes([{ key: CustomIntField, value: (before ?? 0) + 1 }, { key: CustomDatetimeField, value: new Date() }, { key: CustomKeywordField, value: null }]);
  upsertMemo({ stage: 'second', removed: null });
  await sleep(1000);
  return { before, after: workflowInfo().typedSearchAttributes.get(CustomIntField), memo: workflowInfo().memo };
}
