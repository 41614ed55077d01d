import { enumValues, messageFields, otherRpcNames, rpcNames } from '../../../../api/descriptors.ts';
import { messageFromJson } from '../../../sandbox/vm/proto-json.ts';
import { decodePayload, encodePayload } from './payload-wire.ts';

/**
 * Stands in for `@temporalio/proto`: the enums, the services as method lists, and the few message classes that the SDK's packages call.
 * Nothing is encoded to protobuf but Payload, which codecs of projects do; what would be bytes elsewhere is JSON (see grpc.ts).
 */

type RpcImplementation = (method: { readonly name: string }, request: unknown, callback: (error: Error | null, response?: unknown) => void) => unknown;

const lowerFirst = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

/** A protobufjs service: methods that call `rpcImpl` and return a promise. */
function service(methods: readonly string[]): object {
  return {
    create(rpcImpl: RpcImplementation): object {
      const call = (name: string, request: unknown, callback?: (error: Error | null, response?: unknown) => void): unknown => {
        if (callback) return void rpcImpl({ name }, request, callback);
        return new Promise((resolve, reject) => {
          rpcImpl({ name }, request, (error, response) => (error ? reject(error) : resolve(response)));
        });
      };
      return { rpcImpl, ...Object.fromEntries(methods.map((name) => [lowerFirst(name), (request: unknown, callback?: any) => call(name, request, callback)])) };
    },
  };
}

/** Enum with names by number too, as protobufjs makes it. */
function reversible(values: { readonly [name: string]: number }): object {
  const both: Record<string, string | number> = {};
  for (const [name, number] of Object.entries(values)) {
    both[name] = number;
    both[number] ??= name;
  }
  return both;
}

const enums = Object.fromEntries(Object.entries(enumValues).map(([name, values]) => [name, reversible(values)]));

/** A message that is only made and read, never encoded. */
const message = (name: string): object => ({
  fullName: `.${name}`,
  create: (properties: object) => ({ ...properties }),
  fromObject: (properties: object) => properties,
  decode: (json: any) => messageFromJson(name, json),
});
/** What payload codecs encode and decode by themselves. */
const payload = {
  ...message('Payload'),
  encode: (value: Parameters<typeof encodePayload>[0]) => ({ finish: () => encodePayload(value) }),
  decode: (value: any) => (value instanceof Uint8Array ? decodePayload(value) : messageFromJson('Payload', value)),
};
const messages = (...names: readonly string[]): Record<string, any> => Object.fromEntries(names.map((name) => [name, message(name)]));

/** All that clients can name; grpc.ts says UNIMPLEMENTED to what the simulated Service has not. */
const workflowRpcs = [...rpcNames, ...(otherRpcNames['WorkflowService'] ?? [])];
const operatorRpcs = [...rpcNames.filter((name) => name.endsWith('SearchAttributes') && name !== 'GetSearchAttributes'), ...(otherRpcNames['OperatorService'] ?? [])];

export const temporal = {
  api: {
    enums: { v1: { ...enums, NexusOperationWaitStage: reversible({ NEXUS_OPERATION_WAIT_STAGE_UNSPECIFIED: 0, NEXUS_OPERATION_WAIT_STAGE_STARTED: 1, NEXUS_OPERATION_WAIT_STAGE_CLOSED: 2 }) } },
    common: { v1: { ...messages('Payloads', 'WorkflowExecution'), Payload: payload, Link: { ...message('Link'), WorkflowEvent: message('LinkWorkflowEvent') } } },
    errordetails: { v1: messages('NamespaceNotFoundFailure', 'MultiOperationExecutionFailure', 'ActivityExecutionAlreadyStartedFailure', 'NexusOperationExecutionAlreadyStartedFailure') },
    sdk: { v1: messages('ExternalStorageReference') },
    history: { v1: messages('History', 'HistoryEvent') },
    workflow: { v1: { VersioningOverride: { PinnedOverrideBehavior: reversible({ PINNED_OVERRIDE_BEHAVIOR_UNSPECIFIED: 0, PINNED_OVERRIDE_BEHAVIOR_PINNED: 1 }) } } },
    workflowservice: { v1: { WorkflowService: service(workflowRpcs), ...messages(...Object.keys(messageFields).filter((name) => /(?:Request|Response)$/.test(name))) } },
    operatorservice: { v1: { OperatorService: service(operatorRpcs) } },
    testservice: { v1: { TestService: service(['GetCurrentTime', 'LockTimeSkipping', 'UnlockTimeSkipping', 'Sleep']) } },
  },
};
export const google = {
  rpc: {
    Status: {
      decode: (bytes: Uint8Array) => {
        const status = JSON.parse(new TextDecoder().decode(bytes));
        return { code: status.code, message: status.message, details: status.details.map((value: any) => ({ type_url: value['@type'], value })) };
      },
    },
  },
};
export const grpc = { health: { v1: { Health: service(['Check', 'Watch']) } } };
export const coresdk = {};
