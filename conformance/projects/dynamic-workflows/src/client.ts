import { Client } from '@temporalio/client';

async function run() {
  const client = new Client();
  for (const [type, ...args] of [['Greeting', 'Ann'], ['Something', 1, 2, 3]] as const) {
    const handle = await client.workflow.start(type, { taskQueue: 'dynamic', workflowId: type, args: [...args] });
    await handle.signal('anySignal', 'a');
    console.log(await handle.query('howMany'));
    await handle.signal('otherSignal', 'b');
    console.log(await handle.result());
  }
  console.log(await client.workflow.execute('known', { taskQueue: 'dynamic', workflowId: 'known' }));
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
