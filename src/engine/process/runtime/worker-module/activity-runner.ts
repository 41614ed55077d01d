import type { Client } from '@temporalio/client';
import { ApplicationFailure, decodePriority, ensureApplicationFailure, type ActivityFunction, type ActivitySerializationContext, type LoadedDataConverter, type Logger, type MetricMeter, type RetryPolicy } from '@temporalio/common';
import { arrayFromPayloads } from '@temporalio/common/lib/converter/payload-converter';
import { ActivityCancellationDetails } from '@temporalio/common/lib/activity-cancellation-details';
import { decodeArrayFromPayloads, decodeFromPayloadsAtIndex, encodeErrorToFailure, encodeToPayload } from '@temporalio/common/lib/internal-non-workflow';
import type { Info } from '@temporalio/activity';
import { Activity, activityLogAttributes } from '@temporalio/worker/lib/activity';
import { textToBase64 } from '../../../../base/base64.ts';
import { parseDuration, parseTimestamp } from '../../../../base/time.ts';
import type { ActivityResult, ActivityTask, CancelReason, CancellationDetails, InjectedFailure } from '../../worker/messages.ts';
import { bytesFromJson, messageFromJson, messageToJson, payloadToJson } from '../../../sandbox/vm/proto-json.ts';
import type { AsyncLocalStorage } from '../../../sandbox/vm/async.ts';
import { endsActivityStack } from '../../../sandbox/vm/stacks.ts';
import { kernel } from '../kernel.ts';
import { payloadFromCore } from './codec.ts';
import './quick-codec.ts';
import type { CompiledOptions } from './options.ts';

endsActivityStack(Activity.prototype['execute']);

/** What activities need of their worker. */
export interface ActivityRunnerParts {
  readonly worker: number;
  readonly options: CompiledOptions;
  readonly logger: Logger;
  readonly metricMeter: MetricMeter;
  client(): Client | undefined;
}

interface Running {
  readonly activity: Activity;
  readonly heartbeats: Heartbeats;
}

/** Runs the activities of a worker: the real SDK's `Activity` on messages of the engine. */
export class ActivityRunner {
  readonly #parts: ActivityRunnerParts;
  readonly #running = new Map<string, Running>();
  /** Cancelled before their start was through (input still being decoded). */
  readonly #starting = new Map<string, { cancel: null | { reason: CancelReason; details: CancellationDetails } }>();

  constructor(parts: ActivityRunnerParts) {
    this.#parts = parts;
  }

  /** Numbers for `Worker.getStatus()`. */
  counts(): { total: number; local: number } {
    let local = 0;
    for (const { activity } of this.#running.values()) if (activity.info.isLocal) local++;
    return { total: this.#running.size, local };
  }

  start(token: string, task: ActivityTask, injectedFailure: InjectedFailure | null): void {
    const starting = { cancel: null };
    this.#starting.set(token, starting);
    void this.#run(token, task, injectedFailure, starting).then((result) => {
      this.#starting.delete(token);
      this.#running.delete(token);
      kernel.emit({ op: 'activityResult', worker: this.#parts.worker, token, result });
    });
  }

  cancel(token: string, reason: CancelReason, details: CancellationDetails): void {
    const running = this.#running.get(token);
    const starting = this.#starting.get(token);
    if (running) running.activity.cancel(reason, ActivityCancellationDetails.fromProto(details));
    else if (starting) starting.cancel = { reason, details };
  }

  async #run(token: string, task: ActivityTask, injectedFailure: InjectedFailure | null, starting: { cancel: null | { reason: CancelReason; details: CancellationDetails } }): Promise<ActivityResult> {
    const { options, logger, metricMeter } = this.#parts;
    const { config } = options;
    const dataConverter = converterFor(task, options);
    const workflowId = task.workflowExecution?.workflowId;
    const context: ActivitySerializationContext = {
      type: 'activity', namespace: config.namespace, isLocal: task.isLocal, ...(task.activityId ? { activityId: task.activityId } : {}), ...(workflowId ? { workflowId } : {}),
    };
    let running: Running;
    let info: Info | undefined;
    let input: { args: unknown[]; headers: Record<string, any> };
    try {
      info = this.#info(token, task, task.heartbeatDetails ? await this.#heartbeatDetails(task, context) : undefined);
      const started = info;
      const { activityType } = started;
      const registered = options.activities.get(activityType) ?? options.activities.get('default');
      if (registered === undefined)
        throw ApplicationFailure.create({
          type: 'NotFoundError',
          message: `Activity function ${activityType} is not registered on this Worker, available activities: ${JSON.stringify([...options.activities.keys()])}`,
          nonRetryable: false,
        });
      const typeInfo = (registered as { activityDefinitionOptions?: { typeInfo?: { inputTypes?: any; outputType?: any } } }).activityDefinitionOptions?.typeInfo;
      let args: unknown[];
      try {
        const payloads = payloadsFromJson(task.input);
        args = dataConverter.payloadCodecs.length === 0
          ? arrayFromPayloads(dataConverter.payloadConverter, payloads, context, typeInfo?.inputTypes)
          : await decodeArrayFromPayloads(dataConverter, payloads, context, typeInfo?.inputTypes);
      } catch (error) {
        throw ApplicationFailure.fromError(error, { message: `Failed to parse activity args for activity ${activityType}: ${messageOf(error)}`, nonRetryable: false });
      }
      const header = task.header ? messageFromJson('Header', task.header) : null;
      input = { args, headers: header?.fields ?? {} };
      const fn = injectedFailure ? throwing(injectedFailure) : registered;
      const heartbeats = new Heartbeats(async (details) => {
        try {
          const payload = await encodeToPayload(dataConverter, details, context);
          kernel.emit({ op: 'activityHeartbeat', worker: this.#parts.worker, token, details: [payloadToJson(payload)] });
        } catch (error) {
          logger.warn('Failed to encode heartbeat details, cancelling Activity', { error, ...activityLogAttributes(started) });
          running.activity.cancel('HEARTBEAT_DETAILS_CONVERSION_FAILED', ActivityCancellationDetails.fromProto(undefined));
        }
      });
      const client = this.#parts.client();
      const activity = new Activity(
        started, fn, dataConverter, context, typeInfo?.outputType, (details) => heartbeats.record(details), client, logger, metricMeter, options.activityInterceptors,
      );
      if (client) tieCallsDirectly(activity, client);
      // Nobody would see "Activity started" and "completed", but their attributes are put together each time.
      if (isQuiet(options)) dropDebug(activity as unknown as { workerLogger: Logger });
      running = { heartbeats, activity };
    } catch (error) {
      logger.error(`Error while processing ActivityTask.start: ${messageOf(error)}`, { ...(info ? activityLogAttributes(info) : {}), error });
      const failure = await encodeErrorToFailure(dataConverter, ensureApplicationFailure(error), context);
      return { failed: { failure: messageToJson('Failure', failure) } };
    }
    this.#running.set(token, running);
    if (starting.cancel) this.cancel(token, starting.cancel.reason, starting.cancel.details);
    const result = await running.activity.run(input);
    const sending = running.heartbeats.close(result.failed !== undefined && result.failed !== null);
    if (sending) await sending;
    untie(running.activity);
    return resultToJson(result);
  }

  async #heartbeatDetails(task: ActivityTask, context: ActivitySerializationContext): Promise<unknown> {
    try {
      return await decodeFromPayloadsAtIndex(converterFor(task, this.#parts.options), 0, payloadsFromJson(task.heartbeatDetails), context);
    } catch (error) {
      throw ApplicationFailure.fromError(error, { message: `Failed to parse heartbeat details for activity ${task.activityId}: ${messageOf(error)}` });
    }
  }

  #info(token: string, task: ActivityTask, heartbeatDetails: unknown): Info {
    const { config } = this.#parts.options;
    const base64TaskToken = task.taskToken ?? textToBase64(token);
    const inWorkflow = Boolean(task.workflowExecution?.workflowId);
    const scheduled = parseTimestamp(task.scheduledTime ?? '') ?? kernel.now();
    let taskToken: Uint8Array | undefined;
    return {
      // Few ask for it, and it is long.
      get taskToken() {
        return (taskToken ??= bytesFromJson(base64TaskToken));
      },
      // The SDK's order, for those who print it all.
      taskQueue: config.taskQueue,
      base64TaskToken,
      activityId: task.activityId ?? '',
      workflowExecution: inWorkflow ? { workflowId: task.workflowExecution?.workflowId ?? '', runId: task.workflowExecution?.runId ?? '' } : undefined,
      attempt: task.attempt ?? 1,
      isLocal: task.isLocal,
      activityType: task.activityType?.name ?? '',
      workflowType: inWorkflow ? (task.workflowType?.name ?? '') : undefined,
      heartbeatTimeoutMs: task.heartbeatTimeout === undefined ? undefined : parseDuration(task.heartbeatTimeout),
      heartbeatDetails,
      activityNamespace: config.namespace,
      workflowNamespace: inWorkflow ? (task.workflowNamespace ?? config.namespace) : undefined,
      scheduledTimestampMs: scheduled,
      startToCloseTimeoutMs: parseDuration(task.startToCloseTimeout),
      scheduleToCloseTimeoutMs: parseDuration(task.scheduleToCloseTimeout),
      currentAttemptScheduledTimestampMs: parseTimestamp(task.currentAttemptScheduledTime ?? '') ?? scheduled,
      // With its defaults, as protobufjs gives it.
      priority: decodePriority(task.priority ? { priorityKey: 0, fairnessKey: '', fairnessWeight: 0, ...(task.priority as object) } : undefined),
      retryPolicy: task.retryPolicy ? retryPolicyFromJson(task.retryPolicy) : undefined,
      namespace: task.workflowNamespace || config.namespace,
      activityRunId: (inWorkflow ? undefined : (task.activityRunId ?? '')) as string,
      inWorkflow,
    } as Info;
  }
}

/**
 * Heartbeats of one attempt: details are encoded one after the other, of those that come meanwhile the latest counts. A failed attempt
 * waits for the last one.
 */
class Heartbeats {
  readonly #send: (details: unknown) => Promise<void>;
  #sending: Promise<void> | null = null;
  #pending: { details: unknown } | null = null;
  #closed = false;

  constructor(send: (details: unknown) => Promise<void>) {
    this.#send = send;
  }

  record(details: unknown): void {
    if (this.#closed) return;
    if (this.#sending) this.#pending = { details };
    else this.#process(details);
  }

  /** Undefined when nothing is being sent. */
  close(flush: boolean): Promise<void> | undefined {
    if (!flush) this.#pending = null;
    if (this.#sending) return this.#sending.then(() => this.close(true));
    this.#closed = true;
    return undefined;
  }

  #process(details: unknown): void {
    this.#sending = this.#send(details).then(() => {
      const next = this.#pending;
      this.#pending = null;
      this.#sending = null;
      if (next) this.#process(next.details);
    });
  }
}

/** Payloads of local activities never leave the worker: codecs see them in the marker only (codec.ts). */
const converterFor = (task: ActivityTask, { dataConverter }: CompiledOptions): LoadedDataConverter => (task.isLocal ? { ...dataConverter, payloadCodecs: [] } : dataConverter);

/** The log drops what is below INFO, and no interceptor of the user's takes part in it. */
const isQuiet = ({ config, activityInterceptors }: CompiledOptions): boolean =>
  !config.customLogger && config.logLevel !== 'DEBUG' && config.logLevel !== 'TRACE' && activityInterceptors.length === 0;

/**
 * Takes apart what refers to itself in an activity that has ended, so that it is freed at once: the collector, which walks the whole heap,
 * would come every few hundred activities. Its context stays whole, for whoever still holds it.
 */
function untie(activity: Activity): void {
  const parts = activity as unknown as { cancel: unknown; context: unknown; workerLogger: unknown; metricMeter: unknown };
  parts.cancel = () => {};
  parts.context = undefined;
  parts.workerLogger = undefined;
  parts.metricMeter = undefined;
}

/** Has the activity tie the client's calls to its abort signal itself, where the SDK's ways through client and connection are two async functions around its whole run. */
function tieCallsDirectly(activity: Activity, client: Client): void {
  const { callContextStorage: calls } = client.connection as unknown as { callContextStorage: AsyncLocalStorage };
  (activity as unknown as { _client: Pick<Client, 'withAbortSignal'> })._client = {
    withAbortSignal: (abortSignal, run) => calls.run({ ...calls.getStore(), abortSignal }, run),
  };
}

function dropDebug(activity: { workerLogger: Logger }): void {
  const logger = Object.create(activity.workerLogger) as Logger;
  logger.debug = () => {};
  activity.workerLogger = logger;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The body that a `fail` fault puts in place of an activity's. */
const throwing = ({ message, type, nonRetryable }: InjectedFailure): ActivityFunction => async () => {
  throw ApplicationFailure.create({ message, type: type ?? 'Error', nonRetryable: nonRetryable ?? false });
};

const payloadsFromJson = (payloads: ActivityTask['input']): any[] => (payloads?.payloads ?? []).map(payloadFromCore);

function retryPolicyFromJson(policy: NonNullable<ActivityTask['retryPolicy']>): RetryPolicy {
  return {
    ...(policy.backoffCoefficient === undefined ? {} : { backoffCoefficient: policy.backoffCoefficient }),
    // What was left out is there with its default, as protobufjs gives it.
    maximumAttempts: policy.maximumAttempts ?? 0,
    ...(policy.maximumInterval === undefined ? {} : { maximumInterval: parseDuration(policy.maximumInterval) }),
    ...(policy.initialInterval === undefined ? {} : { initialInterval: parseDuration(policy.initialInterval) }),
    nonRetryableErrorTypes: policy.nonRetryableErrorTypes ?? [],
  };
}

/** `coresdk.activity_result.IActivityExecutionResult` in JSON. */
function resultToJson(result: any): ActivityResult {
  if (result.willCompleteAsync) return { willCompleteAsync: {} };
  if (result.completed) return { completed: result.completed.result ? { result: payloadToJson(result.completed.result) } : {} };
  if (result.cancelled) return { cancelled: { failure: messageToJson('Failure', result.cancelled.failure ?? {}) } };
  return { failed: { failure: messageToJson('Failure', result.failed.failure) } };
}

