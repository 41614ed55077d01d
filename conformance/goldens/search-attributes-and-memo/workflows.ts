import { defineSearchAttributeKey } from '@temporalio/common';
import { sleep, upsertMemo, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';

const keyword = defineSearchAttributeKey('CustomKeyword', 'KEYWORD');
const int = defineSearchAttributeKey('CustomInt', 'INT');

/** Changes what visibility and describe show. */
export async function upserts(): Promise<unknown> {
  const before = workflowInfo().typedSearchAttributes.getAll();
  upsertSearchAttributes([{ key: keyword, value: 'changed' }, { key: int, value: 8 }]);
  upsertMemo({ note: 'changed', more: [1, 2], gone: null });
  await sleep(100);
  upsertSearchAttributes([{ key: int, value: null }]);
  return { before: before.map((pair) => [pair.key.name, pair.value]), after: workflowInfo().typedSearchAttributes.getAll().map((pair) => [pair.key.name, pair.value]), memo: workflowInfo().memo };
}
