import type { Logger } from '@temporalio/common';
import type { InjectedSinks } from '@temporalio/worker';
import { cloneFromJson } from '../../../sandbox/vm/clone-json.ts';
import type { SinkCall } from '../../worker/messages.ts';

/** Calls the user's sinks. Like the SDK's it never throws: what goes wrong is logged. */
export async function runSinkCalls(calls: readonly SinkCall[], sinks: InjectedSinks<any>, logger: Logger): Promise<void> {
  await Promise.all(
    calls.map(async ({ ifaceName, fnName, args, info }) => {
      const workflowInfo = cloneFromJson(info);
      const attributes = { namespace: workflowInfo['namespace'], taskQueue: workflowInfo['taskQueue'], workflowId: workflowInfo['workflowId'], runId: workflowInfo['runId'], workflowType: workflowInfo['workflowType'] };
      const sink = (sinks[ifaceName] as Record<string, { fn(info: unknown, ...args: unknown[]): unknown }> | undefined)?.[fnName];
      if (sink === undefined) return logger.error('Workflow referenced an unregistered external sink', { ...attributes, ifaceName, fnName });
      try {
        await sink.fn(workflowInfo, ...cloneFromJson(args));
      } catch (error) {
        logger.error('External sink function threw an error', { ...attributes, ifaceName, fnName, error, workflowInfo });
      }
    }),
  );
}
