import { Client, QueryRejectCondition, QueryRejectedError } from '@temporalio/client';
import { finish, getValue, setValue, stateWorkflow } from './workflows';

async function run() {
  const client = new Client({ workflow: { queryRejectCondition: QueryRejectCondition.NOT_OPEN } });
  const handle = await client.workflow.signalWithStart(stateWorkflow, { taskQueue: 'state', workflowId: 'state-0', signal: setValue, signalArgs: ['meaning', 42] });
  console.log(await handle.query(getValue, 'meaning'), await handle.query<number | undefined, [string]>('getValue', 'nothing'));
  await handle.signal(setValue, 'other', 7);
  console.log(await handle.query(getValue, 'other'));
  await handle.signal(finish);
  console.log(await handle.result());
  try {
    await handle.query(getValue, 'other');
  } catch (err) {
    console.log(err instanceof QueryRejectedError, (err as Error).message);
  }
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
