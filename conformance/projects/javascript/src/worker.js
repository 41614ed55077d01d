const { Worker } = require('@temporalio/worker');
const activities = require('./activities');

async function run() {
  const worker = await Worker.create({
    workflowsPath: require.resolve('./workflows'),
    activities,
    taskQueue: 'hello-javascript',
  });
  await worker.run();
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
