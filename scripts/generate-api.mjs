// Writes src/api/proto.ts (types of the messages in proto3 JSON) and src/api/descriptors.ts (the same as data, for the
// converters in the VM) from the reflection JSON of the pinned @temporalio/proto. Run by hand when the SDK version changes.
import { createRequire } from 'node:module';
import { writeFileSync } from 'node:fs';

const require = createRequire(import.meta.url);
const root = require('@temporalio/proto/protos/json-module.js').toJSON();

/** The RPCs that the simulated Service answers or that the client may call. */
const rpcs = `StartWorkflowExecution ExecuteMultiOperation GetWorkflowExecutionHistory GetWorkflowExecutionHistoryReverse
PollWorkflowTaskQueue RespondWorkflowTaskCompleted RespondWorkflowTaskFailed PollActivityTaskQueue RecordActivityTaskHeartbeat
RecordActivityTaskHeartbeatById RespondActivityTaskCompleted RespondActivityTaskCompletedById RespondActivityTaskFailed
RespondActivityTaskFailedById RespondActivityTaskCanceled RespondActivityTaskCanceledById RequestCancelWorkflowExecution
SignalWorkflowExecution SignalWithStartWorkflowExecution ResetWorkflowExecution TerminateWorkflowExecution DeleteWorkflowExecution
ListWorkflowExecutions CountWorkflowExecutions RespondQueryTaskCompleted ShutdownWorker QueryWorkflow DescribeWorkflowExecution
DescribeTaskQueue GetClusterInfo GetSystemInfo DescribeNamespace CreateSchedule DescribeSchedule UpdateSchedule PatchSchedule
ListScheduleMatchingTimes DeleteSchedule ListSchedules SetWorkerDeploymentCurrentVersion SetWorkerDeploymentRampingVersion
DescribeWorkerDeployment DescribeWorkerDeploymentVersion ListWorkerDeployments DeleteWorkerDeployment DeleteWorkerDeploymentVersion
UpdateWorkerDeploymentVersionMetadata SetWorkerDeploymentManager UpdateWorkflowExecution PollWorkflowExecutionUpdate
UpdateActivityOptions PauseActivity UnpauseActivity ResetActivity PauseWorkflowExecution UnpauseWorkflowExecution
UpdateWorkflowExecutionOptions UpdateTaskQueueConfig ScanWorkflowExecutions GetSearchAttributes CountSchedules RegisterNamespace ListNamespaces UpdateNamespace ListTaskQueuePartitions
UpdateWorkerBuildIdCompatibility GetWorkerBuildIdCompatibility GetWorkerTaskReachability ResetStickyTaskQueue
StartBatchOperation StopBatchOperation DescribeBatchOperation ListBatchOperations`.split(/\s+/);
/** Those of the OperatorService. */
const operatorRpcs = 'AddSearchAttributes RemoveSearchAttributes ListSearchAttributes'.split(' ');
const extra = `temporal.api.history.v1.History temporal.api.command.v1.Command temporal.api.failure.v1.Failure
temporal.api.update.v1.Request temporal.api.update.v1.Response temporal.api.update.v1.Acceptance temporal.api.update.v1.Rejection
temporal.api.errordetails.v1.WorkflowExecutionAlreadyStartedFailure temporal.api.errordetails.v1.MultiOperationExecutionFailure
temporal.api.errordetails.v1.NotFoundFailure temporal.api.errordetails.v1.QueryFailedFailure
temporal.api.errordetails.v1.NamespaceNotFoundFailure temporal.api.errordetails.v1.ResourceExhaustedFailure
coresdk.workflow_activation.WorkflowActivation coresdk.workflow_completion.WorkflowActivationCompletion
coresdk.activity_task.ActivityTask coresdk.ActivityTaskCompletion coresdk.ActivityHeartbeat`.split(/\s+/);

const find = (path) => {
  let node = root;
  for (const part of path.split('.')) {
    node = node.nested?.[part];
    if (!node) return undefined;
  }
  return node;
};
const resolve = (type, scope) => {
  const parts = scope.split('.');
  for (let n = parts.length; n >= 0; n--) {
    const full = [...parts.slice(0, n), type].join('.');
    const node = find(full);
    if (node && (node.fields || node.values)) return full;
  }
  throw new Error(`cannot resolve ${type} in ${scope}`);
};
/** Short, unique name of a message or enum. */
const shorts = new Map();
const shortOf = (full) => {
  if (shorts.has(full)) return shorts.get(full);
  const parts = full.split('.');
  const upper = parts.filter((p) => /^[A-Z]/.test(p));
  let name = upper.join('');
  if (['Record', 'Error', 'Map'].includes(name)) name = `Proto${name}`;
  if ([...shorts.values()].includes(name)) {
    const pkg = parts.filter((p) => /^[a-z]/.test(p) && !/^v\d+$/.test(p) && p !== 'temporal' && p !== 'api').map((p) => p[0].toUpperCase() + p.slice(1)).join('');
    name = `${pkg.replace(/_(.)/g, (_, c) => c.toUpperCase())}${name}`;
  }
  shorts.set(full, name);
  return name;
};
const messages = new Map();
/** Field names in the order of the proto files. */
const declared = new Map();
const enums = new Map();
const scalars = { string: 's', bool: 'b', bytes: 'y', int32: 'n', uint32: 'n', sint32: 'n', fixed32: 'n', float: 'n', double: 'n', int64: 'l', uint64: 'l', sint64: 'l' };
const wellKnown = { 'google.protobuf.Timestamp': 'T', 'google.protobuf.Duration': 'D', 'google.protobuf.Any': 'A', 'google.protobuf.FieldMask': 'F', 'google.protobuf.Empty': 'E', 'google.protobuf.Struct': 'J', 'google.protobuf.DoubleValue': 'W' };
const visit = (full) => {
  const node = find(full);
  if (node.values) { if (!enums.has(full)) { shortOf(full); enums.set(full, node.values); } return; }
  if (messages.has(full) || wellKnown[full]) return;
  shortOf(full);
  const fields = [];
  messages.set(full, fields);
  declared.set(full, Object.keys(node.fields));
  // In the order of their numbers, as protobufjs prints them.
  for (const [name, f] of Object.entries(node.fields).sort(([, a], [, b]) => a.id - b.id)) {
    const rule = f.keyType ? 'k' : f.rule === 'repeated' ? 'r' : '';
    if (scalars[f.type]) { fields.push([name, scalars[f.type], rule]); continue; }
    const target = resolve(f.type, full);
    if (wellKnown[target]) { fields.push([name, wellKnown[target], rule]); continue; }
    visit(target);
    fields.push([name, target, rule]);
  }
};
const svc = find('temporal.api.workflowservice.v1.WorkflowService');
for (const rpc of rpcs) {
  if (!svc.methods[rpc]) throw new Error(`no RPC ${rpc}`);
  visit(`temporal.api.workflowservice.v1.${rpc}Request`);
  visit(`temporal.api.workflowservice.v1.${rpc}Response`);
}
for (const rpc of operatorRpcs) {
  visit(`temporal.api.operatorservice.v1.${rpc}Request`);
  visit(`temporal.api.operatorservice.v1.${rpc}Response`);
}
rpcs.push(...operatorRpcs);
/** What the real services have beyond these: UNIMPLEMENTED here. */
const methodsOf = (service) => Object.keys(find(service).methods).filter((rpc) => !rpcs.includes(rpc));
const otherRpcs = { WorkflowService: methodsOf('temporal.api.workflowservice.v1.WorkflowService'), OperatorService: methodsOf('temporal.api.operatorservice.v1.OperatorService') };
for (const e of extra) visit(e);

const ts = { s: 'string', b: 'boolean', y: 'string', n: 'number', l: 'string', T: 'string', D: 'string', A: 'ProtoAny', F: 'string', E: 'Record<string, never>', J: 'Record<string, unknown>', W: 'number' };
const header = '// Generated by scripts/generate-api.mjs from @temporalio/proto 1.24.0. Do not edit.\n';
let out = `${header}// Shapes are proto3 JSON: int64, Timestamp (RFC 3339), Duration ("1.5s") and bytes (base64) are strings, enums their names.\n\n` +
  `/** google.protobuf.Any in proto3 JSON. */\nexport interface ProtoAny { readonly '@type': string; readonly [field: string]: unknown }\n\n`;
for (const [full, values] of enums) out += `/** ${full} */\nexport type ${shortOf(full)} = ${Object.keys(values).map((v) => `'${v}'`).join(' | ')};\n`;
for (const [full, fields] of messages) {
  out += `/** ${full} */\nexport interface ${shortOf(full)} {\n`;
  for (const [name, type, rule] of fields) {
    const t = ts[type] ?? shortOf(type);
    out += `  ${name}?: ${rule === 'r' ? `${t}[]` : rule === 'k' ? `{ [key: string]: ${t} }` : t} | undefined;\n`;
  }
  out += '}\n';
}
out += `/** Every RPC of WorkflowService and OperatorService that the simulated Service knows, with its request and response. */\nexport interface Rpcs {\n${rpcs.map((r) => `  ${r}: { request: ${r}Request; response: ${r}Response };`).join('\n')}\n}\n/** The name of an RPC. */\nexport type RpcName = keyof Rpcs;\n`;
writeFileSync(new URL('../src/api/proto.ts', import.meta.url), out);

const compact = {};
for (const [full, fields] of messages) compact[shortOf(full)] = Object.fromEntries(fields.map(([n, t, r]) => [n, `${r || '-'}${t.length === 1 ? t : `${enums.has(t) ? 'e' : 'm'}${shortOf(t)}`}`]));
const otherwise = {};
for (const [full, names] of declared) if (names.join() !== Object.keys(compact[shortOf(full)]).join()) otherwise[shortOf(full)] = names;
const enumTable = {};
for (const [full, values] of enums) enumTable[shortOf(full)] = values;
const anyTypes = Object.fromEntries([...messages.keys()].filter((m) => /^temporal\.api\.(update|errordetails)\./.test(m)).map((m) => [`type.googleapis.com/${m}`, shortOf(m)]));
writeFileSync(new URL('../src/api/descriptors.ts', import.meta.url), `${header}
/**
 * Fields by message. A value is a rule ('-' one, 'r' repeated, 'k' map) and a type: s string, b boolean, n number, l int64,
 * y bytes, T Timestamp, D Duration, A Any, F FieldMask, E Empty, J Struct, W DoubleValue, m<Message>, e<Enum>.
 */
export const messageFields: { readonly [message: string]: { readonly [field: string]: string } } = ${JSON.stringify(compact)};
/** Fields in the order of the proto files, as Rust prints them, where that is not the order of their numbers. */
export const declaredFields: { readonly [message: string]: readonly string[] } = ${JSON.stringify(otherwise)};
/** Enum values by enum and name. */
export const enumValues: { readonly [name: string]: { readonly [value: string]: number } } = ${JSON.stringify(enumTable)};
/** Message name by the type URL it has inside google.protobuf.Any. */
export const anyTypes: { readonly [typeUrl: string]: string } = ${JSON.stringify(anyTypes)};
/** Names of all RPCs known. */
export const rpcNames: readonly string[] = ${JSON.stringify(rpcs)};
/** Names of the RPCs that the real services have beyond these. */
export const otherRpcNames: { readonly [service: string]: readonly string[] } = ${JSON.stringify(otherRpcs)};
`);
console.log(`${messages.size} messages, ${enums.size} enums`);
