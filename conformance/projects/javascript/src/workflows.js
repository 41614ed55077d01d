const { proxyActivities } = require('@temporalio/workflow');

const { greet } = proxyActivities({ startToCloseTimeout: '1 minute' });

async function example(name) {
  return await greet(name);
}

module.exports = { example };
