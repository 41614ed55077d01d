import { log, proxyActivities, proxySinks, sleep, workflowInfo, type Sinks, type WorkflowInterceptorsFactory } from '@temporalio/workflow';
import type * as activities from '../activities';

export interface AlertSinks extends Sinks {
  alerter: {
    alert(message: string): void;
  };
}

const { alerter } = proxySinks<AlertSinks>();
const { work } = proxyActivities<typeof activities>({ startToCloseTimeout: '5s' });

export async function sinkWorkflow(): Promise<string> {
  log.info('workflow started');
  alerter.alert('before');
  const result = await work('parcel');
  await sleep(100);
  alerter.alert(`after in attempt ${workflowInfo().attempt}`);
  return result;
}

export const interceptors: WorkflowInterceptorsFactory = () => ({
  inbound: [
    {
      async execute(input, next) {
        alerter.alert(`inbound ${workflowInfo().workflowType}`);
        return `intercepted(${await next(input)})`;
      },
    },
  ],
  outbound: [
    {
      async scheduleActivity(input, next) {
        return next({ ...input, args: input.args.map((arg) => `${arg}!`) });
      },
      startTimer(input, next) {
        return next({ ...input, durationMs: input.durationMs * 2 });
      },
    },
  ],
});
