import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { idsOf, makePlan, type ClientStep } from './program';
import { apply, poke, program, state } from './workflows';

const seed = Number(process.argv[2]);
const taskQueue = 'random';
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function report(label: string, call: Promise<unknown>): Promise<void> {
  try {
    console.log(label, JSON.stringify(await call) ?? 'undefined');
  } catch (error) {
    for (let e: unknown = error; e instanceof Error; e = e.cause) console.log(label, `${e.name}: ${e.message}`);
  }
}

async function run() {
  const connection = await Connection.connect({ address: process.env.TEMPORAL_ADDRESS ?? 'localhost:7233' });
  const { workflow } = new Client({ connection });
  const plan = makePlan(seed);
  const ids = idsOf(seed);
  const options = { taskQueue, workflowId: ids.main, args: [plan.program] as [typeof plan.program], retry: { initialInterval: '1s' as const, maximumAttempts: plan.retries ? 2 : 1 } };

  const act = async (handle: WorkflowHandle<typeof program>, step: ClientStep): Promise<unknown> => {
    switch (step.do) {
      case 'signal':
        return await handle.signal(poke, step.n);
      case 'query':
        return await handle.query(state);
      case 'cancel':
        return await handle.cancel().then(() => 'requested');
      case 'terminate':
        return await handle.terminate('by the plan').then(() => 'terminated');
      case 'signalWithStart':
        return await workflow.signalWithStart(program, { ...options, signal: poke, signalArgs: [100] }).then(() => 'signalled');
      case 'update': {
        const args: [typeof step.ops, boolean] = [step.ops, step.reject];
        if (step.wait) return await handle.executeUpdate(apply, { args });
        return await handle.startUpdate(apply, { args, waitForStage: 'ACCEPTED' }).then(() => 'accepted');
      }
    }
  };

  await report('target', workflow.start(program, { taskQueue, workflowId: ids.target, args: [plan.target] }).then(() => 'started'));
  await report('main', workflow.start(program, options).then(() => 'started'));
  const handle = workflow.getHandle<typeof program>(ids.main);
  const open: Promise<void>[] = [];
  for (const step of plan.steps) {
    await sleep(step.after);
    open.push(report(step.do, act(handle, step)));
  }
  await Promise.all(open);
  await report('result', handle.result());
  await connection.close();
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
