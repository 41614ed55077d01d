import type { Context } from '@temporalio/activity';
import type { Logger } from '@temporalio/common';
import { activityLogAttributes } from '@temporalio/worker/lib/activity';
import { initLoggerSink } from '@temporalio/worker/lib/workflow/logger';
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, InjectedSinks, Next, WorkerInterceptors } from '@temporalio/worker';
import { Runtime } from './runtime.ts';

/** What the real package keeps for old code. Logging of lifecycles needs none of it any more. */

export const defaultWorkflowInterceptorModules: never[] = [];

/** Replaces the logger of an activity's context. */
export class ActivityInboundLogInterceptor implements ActivityInboundCallsInterceptor {
  readonly logger: Logger;
  protected readonly ctx: Context;

  constructor(ctx: Context, logger?: Logger) {
    this.ctx = ctx;
    const runtimeLogger = Runtime.instance().logger;
    this.logger = logger ?? runtimeLogger;
    if (this.logger === runtimeLogger && Object.getPrototypeOf(this) === ActivityInboundLogInterceptor.prototype) return;
    const write = (level: 'trace' | 'debug' | 'info' | 'warn' | 'error') => (message: string, attributes?: Record<string, unknown>) =>
      this.logger[level](message, { sdkComponent: 'activity', ...this.logAttributes(), ...attributes });
    ctx.log = { ...ctx.log, trace: write('trace'), debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  }

  protected logAttributes(): Record<string, unknown> {
    return activityLogAttributes(this.ctx.info);
  }

  execute(input: ActivityExecuteInput, next: Next<ActivityInboundCallsInterceptor, 'execute'>): Promise<unknown> {
    return next(input);
  }
}

export function appendDefaultInterceptors(interceptors: WorkerInterceptors, logger?: Logger): WorkerInterceptors {
  if (!logger || logger === Runtime.instance().logger) return interceptors;
  return {
    // oxlint-disable-next-line typescript/no-deprecated
    activityInbound: [(ctx) => new ActivityInboundLogInterceptor(ctx, logger), ...(interceptors.activityInbound ?? [])],
    ...(interceptors.activity ? { activity: interceptors.activity } : {}),
    ...(interceptors.workflowModules ? { workflowModules: interceptors.workflowModules } : {}),
  };
}

export function defaultSinks(logger?: Logger): InjectedSinks<any> {
  return logger ? { defaultWorkerLogger: initLoggerSink(logger).__temporal_logger } : {};
}

export function startDebugReplayer(): never {
  throw new Error('startDebugReplayer() needs a debugger and is not part of the simulation');
}
