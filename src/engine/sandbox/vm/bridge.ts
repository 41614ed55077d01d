import Long from 'long';
import { fromJson, payloadFromJson, payloadToJson, toJson } from './proto-json.ts';

/**
 * Activation jobs in, commands out. The usual ones by hand, because a replay is little else; the others by the field tables. The SDK gets
 * what protobufjs would have decoded: `variant` names the member of the oneof.
 */

const payloads = (list: readonly any[] | undefined): any[] => (list ?? []).map(payloadFromJson);
const payloadMap = (map: any): any => {
  const out: Record<string, unknown> = {};
  for (const key in map) out[key] = payloadFromJson(map[key]);
  return out;
};

const readers: { readonly [variant: string]: (json: any) => any } = {
  initializeWorkflow: (json) => Object.assign(fromJson('InitializeWorkflow', { ...json, arguments: undefined, headers: undefined, randomnessSeed: undefined }), {
    arguments: payloads(json.arguments),
    headers: payloadMap(json.headers),
    randomnessSeed: Long.fromString(String(json.randomnessSeed ?? '0'), true),
  }),
  fireTimer: (json) => ({ seq: json.seq ?? 0 }),
  updateRandomSeed: (json) => ({ randomnessSeed: Long.fromString(String(json.randomnessSeed ?? '0'), true) }),
  resolveActivity: (json) => {
    const completed = json.result?.completed;
    if (!completed) return fromJson('ResolveActivity', json);
    return { seq: json.seq ?? 0, isLocal: json.isLocal ?? false, result: { completed: { result: completed.result === undefined ? null : payloadFromJson(completed.result) } } };
  },
  signalWorkflow: (json) => Object.assign(fromJson('SignalWorkflow', { ...json, input: undefined, headers: undefined }), { input: payloads(json.input), headers: payloadMap(json.headers) }),
};

/** Message name of each job's variant; the table says `m<Message>`. */
const jobMessages: { readonly [variant: string]: string } = {
  queryWorkflow: 'QueryWorkflow',
  cancelWorkflow: 'CancelWorkflow',
  notifyHasPatch: 'NotifyHasPatch',
  resolveChildWorkflowExecutionStart: 'ResolveChildWorkflowExecutionStart',
  resolveChildWorkflowExecution: 'ResolveChildWorkflowExecution',
  resolveSignalExternalWorkflow: 'ResolveSignalExternalWorkflow',
  resolveRequestCancelExternalWorkflow: 'ResolveRequestCancelExternalWorkflow',
  doUpdate: 'DoUpdate',
  resolveNexusOperationStart: 'ResolveNexusOperationStart',
  resolveNexusOperation: 'ResolveNexusOperation',
  removeFromCache: 'RemoveFromCache',
};

/** Reads one WorkflowActivationJob. */
export function jobFromJson(json: any): any {
  for (const variant in json) {
    if (json[variant] === undefined || json[variant] === null) continue;
    const read = readers[variant];
    return { variant, [variant]: read ? read(json[variant]) : fromJson(jobMessages[variant] ?? variant, json[variant]) };
  }
  throw new TypeError('Expected job.variant to be defined');
}

/** Writes what `concludeActivation` returned. */
export function completionToJson(completion: any, runId: string): unknown {
  const { commands, usedInternalFlags, versioningBehavior } = completion.successful;
  const rest = toJson('CoresdkWorkflowCompletionSuccess', { usedInternalFlags, versioningBehavior });
  return { runId, successful: { commands: commands.map(commandToJson), ...rest } };
}

function commandToJson(command: any): unknown {
  const activity = command.scheduleActivity;
  if (activity && !command.userMetadata && !command.eventGroupMarkers?.length) {
    const json = toJson('ScheduleActivity', { ...activity, arguments: undefined });
    if (activity.arguments?.length > 0) json['arguments'] = activity.arguments.map(payloadToJson);
    return { scheduleActivity: json };
  }
  const completed = command.completeWorkflowExecution;
  if (completed) return { completeWorkflowExecution: completed.result ? { result: payloadToJson(completed.result) } : {} };
  return toJson('WorkflowCommand', command);
}
