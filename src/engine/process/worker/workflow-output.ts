import { fromCloneJson } from '../../sandbox/vm/clone-json.ts';
import type { CoreOutcome } from '../../ports.ts';
import type { WorkerEnv } from './env.ts';
import { logLevels, logText } from './log-text.ts';
import type { LogLevel, SinkCall } from './messages.ts';

/** The SDK's own sink for `log` of `@temporalio/workflow`. */
export const LOGGER_SINK = '__temporal_logger';
/** The SDK's own sink for metrics: nothing reads them here. */
const METRIC_SINK = '__temporal_metrics';

/** Lines and sink calls that leave the workflow sandbox. */
export class WorkflowOutput {
  readonly #env: WorkerEnv;

  constructor(env: WorkerEnv) {
    this.#env = env;
  }

  write(outcome: CoreOutcome): void {
    const { process } = this.#env;
    for (const { level, text } of outcome.consoleLines) this.#env.emit({ type: 'log', process, level, text });
    if (outcome.sinkCalls.length === 0) return;
    let calls: SinkCall[] = [];
    const flush = (): void => {
      if (calls.length > 0) this.#env.toVm({ type: 'sinkCalls', worker: this.#env.worker, calls });
      calls = [];
    };
    for (const { ifaceName, fnName, args, replaying, info } of outcome.sinkCalls) {
      if (ifaceName === METRIC_SINK) continue;
      if (ifaceName === LOGGER_SINK && !(LOGGER_SINK in this.#env.config.sinks)) {
        if (replaying) continue;
        // The SDK's logger is a sink among the others: what the code called before it has been called.
        flush();
        this.#log(fnName.toUpperCase() as LogLevel, args);
      } else if (!replaying || this.#env.config.sinks[ifaceName]?.[fnName] === true) calls.push({ ifaceName, fnName, args, info });
    }
    flush();
  }

  #log(level: LogLevel, args: readonly unknown[]): void {
    const { config, process } = this.#env;
    if (logLevels.indexOf(level) < logLevels.indexOf(config.logLevel)) return;
    if (config.customLogger) {
      this.#env.toVm({ type: 'workerLog', worker: this.#env.worker, level, args });
      return;
    }
    const [message, attributes] = fromCloneJson(args, (fields) => ({ ...fields })) as [string, object];
    // The Worker's logger puts what it knows in front.
    this.#env.emit({ type: 'log', process, level, text: logText(String(message), { sdkComponent: 'worker', taskQueue: config.taskQueue, ...attributes }) });
  }
}
