import { Client, Connection } from '@temporalio/client';
import type { RetryPolicy } from '@temporalio/client';
import { payInvoice } from './workflows';

/** What the learner can switch between: `npm run headless -- run … --client-args "limited"`. */
const policies: Record<string, RetryPolicy> = {
  default: {},
  limited: { maximumAttempts: 3 },
  slower: { initialInterval: '2s', backoffCoefficient: 3, maximumInterval: '10s' },
  constant: { initialInterval: '3s', backoffCoefficient: 1 },
  typed: { nonRetryableErrorTypes: ['BankUnavailable'] },
};

async function run() {
  const [choice = 'default'] = process.argv.slice(2);
  const connection = await Connection.connect({ address: 'localhost:7233' });
  const client = new Client({ connection });

  const handle = await client.workflow.start(payInvoice, {
    taskQueue: 'payments',
    workflowId: 'invoice-42',
    args: [choice === 'broke' ? 'broke' : 'invoice 42', policies[choice] ?? {}],
  });
  try {
    console.log('Result:', await handle.result());
  } catch (error) {
    const cause = (error as { cause?: { cause?: Error } }).cause?.cause;
    console.log('Failed:', cause?.message);
  }
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
