// Calls a real Temporal frontend by RPC name, in proto3 JSON both ways: no client library between script and server.
import grpc from '@grpc/grpc-js';
import protoJson from 'protobufjs/ext/protojson.js';
import { createRequire } from 'node:module';

const root = createRequire(import.meta.url)('@temporalio/proto/protos/json-module.js');
root.resolveAll();
const SERVICE = 'temporal.api.workflowservice.v1.WorkflowService';

/** An Any of a status's details, unpacked where its type is known. */
function unpack(any) {
  const name = any.type_url.slice(any.type_url.lastIndexOf('/') + 1);
  try {
    const type = root.lookupType(name);
    return { '@type': any.type_url, ...protoJson.toJson(type, type.decode(any.value)) };
  } catch {
    return { '@type': any.type_url };
  }
}

function detailsOf(error) {
  const [bytes] = error.metadata?.get('grpc-status-details-bin') ?? [];
  if (!bytes) return [];
  const status = root.lookupType('google.rpc.Status');
  return status.decode(bytes).details.map(unpack);
}

/** Connects; `call` resolves to `{ok, response}` or `{ok: false, status}` and never rejects. */
export function connect(address) {
  const client = new grpc.Client(address, grpc.credentials.createInsecure(), { 'grpc.max_receive_message_length': -1 });
  const call = (rpc, request, timeoutMs = 30_000) => {
    const method = root.lookupService(SERVICE).methods[rpc].resolve();
    const encode = (json) => Buffer.from(method.resolvedRequestType.encode(protoJson.fromJson(method.resolvedRequestType, json)).finish());
    const decode = (bytes) => protoJson.toJson(method.resolvedResponseType, method.resolvedResponseType.decode(bytes));
    return new Promise((resolve) => {
      client.makeUnaryRequest(`/${SERVICE}/${rpc}`, encode, decode, request, new grpc.Metadata(), { deadline: Date.now() + timeoutMs }, (error, response) => {
        resolve(error ? { ok: false, status: { code: error.code, message: error.details, details: detailsOf(error) } } : { ok: true, response });
      });
    });
  };
  return { call, close: () => client.close() };
}
