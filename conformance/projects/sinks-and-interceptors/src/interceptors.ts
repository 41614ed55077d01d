import type { Context } from '@temporalio/activity';
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, Next } from '@temporalio/worker';

/** Logs what goes into an activity and what comes out. */
export class LoudActivities implements ActivityInboundCallsInterceptor {
  constructor(private readonly ctx: Context) {}

  async execute(input: ActivityExecuteInput, next: Next<ActivityInboundCallsInterceptor, 'execute'>): Promise<unknown> {
    console.log('activity in', this.ctx.info.activityType, ...input.args);
    const result = await next(input);
    console.log('activity out', result);
    return result;
  }
}
