import { Client, type WorkflowHandle } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { example } from './workflows';

const CustomIntField = defineSearchAttributeKey('CustomIntField', SearchAttributeType.INT);
const CustomKeywordField = defineSearchAttributeKey('CustomKeywordField', SearchAttributeType.KEYWORD);

async function run() {
  const client = new Client();
  const handles: WorkflowHandle<typeof example>[] = [];
  for (const n of [1, 2, 3]) {
    handles.push(
      await client.workflow.start(example, {
        taskQueue: 'search-attributes',
        workflowId: `search-${n}`,
        typedSearchAttributes: [{ key: CustomIntField, value: n }, { key: CustomKeywordField, value: 'shop' }],
        memo: { stage: 'first', removed: 'soon' },
      }),
    );
  }
  for (const handle of handles) console.log(handle.workflowId, JSON.stringify(await handle.result()));
  const { typedSearchAttributes, memo } = await handles[0]!.describe();
  console.log(typedSearchAttributes.get(CustomIntField), memo);
  const found: string[] = [];
  for await (const info of client.workflow.list({ query: 'CustomIntField >= 3 AND WorkflowType = "example"' })) found.push(info.workflowId);
  console.log(found.sort(), (await client.workflow.count('WorkflowType = "example"')).count);
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
