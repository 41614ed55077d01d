import { defaultPayloadConverter } from '@temporalio/common';
import { AsyncLocalStorage, type WorkflowInterceptorsFactory } from '@temporalio/workflow';

const storage = new AsyncLocalStorage<{ customer?: string }>();
export const getContext = (): { customer?: string } => storage.getStore() ?? {};

export const interceptors: WorkflowInterceptorsFactory = () => ({
  inbound: [
    {
      execute(input, next) {
        const header = input.headers['caller'];
        return storage.run(header ? defaultPayloadConverter.fromPayload(header) : {}, () => next(input));
      },
    },
  ],
  outbound: [
    {
      scheduleActivity(input, next) {
        return next({ ...input, headers: { ...input.headers, caller: defaultPayloadConverter.toPayload(getContext())! } });
      },
      getLogAttributes(input, next) {
        return { ...next(input), ...getContext() };
      },
    },
  ],
});
