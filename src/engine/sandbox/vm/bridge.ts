import Long from 'long';
import { ENCODING_JSON } from '../../../api/json-payload.ts';
import { encodeBase64 } from '../../../base/base64.ts';
import type { JobText } from '../wire.ts';
import { durationToJson, enumName, isJsonPlain, payloadOfJson, messageFromJson, messageToJson, payloadFromJson, payloadToJson } from './proto-json.ts';

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
  initializeWorkflow: (json) => Object.assign(messageFromJson('InitializeWorkflow', { ...json, arguments: undefined, headers: undefined, randomnessSeed: undefined }), {
    arguments: payloads(json.arguments),
    headers: payloadMap(json.headers),
    randomnessSeed: Long.fromString(String(json.randomnessSeed ?? '0'), true),
  }),
  updateRandomSeed: (json) => ({ randomnessSeed: Long.fromString(String(json.randomnessSeed ?? '0'), true) }),
  signalWorkflow: (json) => Object.assign(messageFromJson('SignalWorkflow', { ...json, input: undefined, headers: undefined }), { input: payloads(json.input), headers: payloadMap(json.headers) }),
};

/** Message name of each job's variant; the table says `m<Message>`. */
const jobMessages: { readonly [variant: string]: string } = {
  fireTimer: 'FireTimer',
  resolveActivity: 'ResolveActivity',
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
export function jobFromText(job: JobText): any {
  if (typeof job === 'number') return { variant: 'fireTimer', fireTimer: { seq: job } };
  if (Array.isArray(job)) return { variant: 'resolveActivity', resolveActivity: { seq: job[0], isLocal: false, result: { completed: { result: payloadOfJson(job[1]) } } } };
  const json: any = job;
  for (const variant in json) {
    if (json[variant] === undefined || json[variant] === null) continue;
    const read = readers[variant];
    return { variant, [variant]: read ? read(json[variant]) : messageFromJson(jobMessages[variant] ?? variant, json[variant]) };
  }
  throw new TypeError('Expected job.variant to be defined');
}

/** Writes what `concludeActivation` returned, as JSON text. */
export function completionText(completion: any): string {
  const { commands, usedInternalFlags, versioningBehavior } = completion.successful;
  let text = '';
  for (const command of commands) text += text === '' ? commandText(command) : `,${commandText(command)}`;
  let rest = text === '' ? '' : `"commands":[${text}]`;
  if (usedInternalFlags.length > 0) rest += `${rest === '' ? '' : ','}"usedInternalFlags":[${usedInternalFlags.join(',')}]`;
  if (versioningBehavior) rest += `${rest === '' ? '' : ','}"versioningBehavior":${JSON.stringify(enumName('VersioningBehavior', versioningBehavior))}`;
  return `{"successful":{${rest}}}`;
}

/** The commands of every workflow, by hand: in a replay nothing else takes as much time. */
function commandText(command: any): string {
  if (!command.userMetadata && !(command.eventGroupMarkers?.length > 0)) {
    if (command.scheduleActivity) return `{"scheduleActivity":${activityText(command.scheduleActivity)}}`;
    if (command.startTimer) return `{"startTimer":{"seq":${command.startTimer.seq},"startToFireTimeout":"${durationToJson(command.startTimer.startToFireTimeout)}"}}`;
    if (command.completeWorkflowExecution) {
      const { result } = command.completeWorkflowExecution;
      return `{"completeWorkflowExecution":{${result ? `"result":${payloadText(result)}` : ''}}}`;
    }
  }
  return JSON.stringify(messageToJson('WorkflowCommand', command));
}

const ACTIVITY_DURATIONS = ['scheduleToCloseTimeout', 'scheduleToStartTimeout', 'startToCloseTimeout', 'heartbeatTimeout'] as const;
/** The last activity that was written, and the text of what a workflow says the same way each time it schedules one through a proxy. */
let lastActivity: any = {};
let lastOptions = '';

function activityText(activity: any): string {
  const last = lastActivity;
  lastActivity = activity;
  // Durations are shared (quick-sdk.ts). By name, because a loop over names takes as long as writing them.
  const isSame =
    activity.activityType === last.activityType && activity.taskQueue === last.taskQueue && activity.scheduleToCloseTimeout === last.scheduleToCloseTimeout &&
    activity.scheduleToStartTimeout === last.scheduleToStartTimeout && activity.startToCloseTimeout === last.startToCloseTimeout &&
    activity.heartbeatTimeout === last.heartbeatTimeout && activity.retryPolicy === last.retryPolicy && activity.cancellationType === last.cancellationType &&
    activity.doNotEagerlyExecute === last.doNotEagerlyExecute && activity.versioningIntent === last.versioningIntent && activity.priority === last.priority;
  if (!isSame) lastOptions = activityOptionsText(activity);
  let headers = '';
  for (const key in activity.headers) {
    if (activity.headers[key]) headers = `,"headers":${JSON.stringify(Object.fromEntries(Object.entries(activity.headers).map(([name, payload]) => [name, payloadToJson(payload)])))}`;
    break;
  }
  let list = '';
  if (activity.arguments?.length > 0) {
    for (const payload of activity.arguments) list += list === '' ? payloadText(payload) : `,${payloadText(payload)}`;
    list = `,"arguments":[${list}]`;
  }
  const { seq, activityId } = activity;
  return `{"seq":${seq},"activityId":${activityId === String(seq) ? `"${seq}"` : JSON.stringify(activityId)}${lastOptions}${headers}${list}}`;
}

function activityOptionsText(activity: any): string {
  let text = `,"activityType":${quote(activity.activityType)}`;
  if (activity.taskQueue) text += `,"taskQueue":${quote(activity.taskQueue)}`;
  for (const name of ACTIVITY_DURATIONS) if (activity[name]) text += `,"${name}":"${durationToJson(activity[name])}"`;
  if (activity.retryPolicy) text += `,"retryPolicy":${JSON.stringify(messageToJson('RetryPolicy', activity.retryPolicy))}`;
  if (activity.cancellationType) text += `,"cancellationType":${JSON.stringify(enumName('ActivityCancellationType', activity.cancellationType))}`;
  if (activity.doNotEagerlyExecute) text += ',"doNotEagerlyExecute":true';
  if (activity.versioningIntent) text += `,"versioningIntent":${JSON.stringify(enumName('VersioningIntent', activity.versioningIntent))}`;
  if (activity.priority) text += `,"priority":${JSON.stringify(messageToJson('Priority', activity.priority))}`;
  return text;
}

function payloadText(payload: any): string {
  const { metadata, data, externalPayloads } = payload;
  if (!(externalPayloads?.length > 0)) {
    let only = true;
    for (const key in metadata) if (key !== 'encoding' || !isJsonPlain(metadata[key])) only = false;
    if (only && data && metadata?.encoding) return `{"metadata":{"encoding":"${ENCODING_JSON}"},"data":"${encodeBase64(data)}"}`;
  }
  return JSON.stringify(payloadToJson(payload));
}

const quoted = new Map<string, string>();

/** A JSON string. The same few names come over and over. */
export function quote(text: string): string {
  let known = quoted.get(text);
  if (known === undefined) {
    known = JSON.stringify(text);
    if (quoted.size > 500) quoted.clear();
    quoted.set(text, known);
  }
  return known;
}
