import { Client } from '@temporalio/client';
import { travel } from './workflows';

async function run() {
  const client = new Client({ dataConverter: { payloadConverterPath: require.resolve('./payload-converter') } });
  const { trip, weekday, known } = await client.workflow.execute(travel, {
    taskQueue: 'converter',
    workflowId: 'travel-1',
    args: [{ start: new Date('2026-01-01T00:00:00Z'), stops: new Set(['Paris']), seconds: 9_007_199_254_740_993n }],
  });
  console.log(trip.start.toISOString(), [...trip.stops].join(' '), String(trip.seconds), weekday, known);
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
