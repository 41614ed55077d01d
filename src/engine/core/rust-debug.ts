import { declaredFields, messageFields } from '../../api/descriptors.ts';
import { pascalCase } from '../../api/event-names.ts';
import { decodeBase64, encodeBase64 } from '../../base/base64.ts';
import { parseTimestamp } from '../../base/time.ts';

/**
 * Messages as Rust's `{:?}` prints them. Some of the genuine Core's non-determinism texts contain whole events in this form, and
 * people compare those texts.
 */
export function rustDebug(message: string, value: object): string {
  if (message === 'Payload') return debugPayload((value as { readonly data?: string }).data ?? '');
  const fields = messageFields[message] ?? {};
  const given = value as { readonly [field: string]: unknown };
  const oneofs = ONEOFS[message] ?? {};
  const parts: string[] = [];
  for (const field of declaredFields[message] ?? Object.keys(fields)) {
    const type = fields[field] as string;
    if (Object.values(oneofs).some((members) => members(field))) continue;
    parts.push(`${rustName(field)}: ${FLOATS.has(field) ? debugFloat(given[field]) : debugField(type, given[field])}`);
  }
  // Rust's structs have the oneofs after all other fields.
  for (const [name, members] of Object.entries(oneofs)) {
    const chosen = Object.keys(fields).find((field) => members(field) && given[field] !== undefined && given[field] !== null);
    const type = chosen === undefined ? '' : (fields[chosen] ?? '').slice(1);
    const inner = type === '' ? '' : debugValue(type, given[chosen as string]);
    parts.push(`${name}: ${chosen === undefined ? 'None' : `Some(${chosen.slice(0, 1).toUpperCase()}${chosen.slice(1)}(${inner}))`}`);
  }
  const name = STRUCT_NAMES[message] ?? message;
  return parts.length === 0 ? name : `${name} { ${parts.join(', ')} }`;
}

/** Core shortens payloads: all of up to 64 bytes, else the first and the last 32. */
function debugPayload(data: string): string {
  const bytes = decodeBase64(data);
  return bytes.length > 64 ? `[${encodeBase64(bytes.subarray(0, 32))}..${encodeBase64(bytes.subarray(-32))}]` : `[${encodeBase64(bytes)}]`;
}

/** Fields that are members of a oneof, by message and oneof; the descriptors do not tell. */
const ONEOFS: { readonly [message: string]: { readonly [oneof: string]: (field: string) => boolean } } = {
  HistoryEvent: { attributes: (field) => field.endsWith('EventAttributes') },
  Failure: { failure_info: (field) => field.endsWith('FailureInfo') },
  Outcome: { value: (field) => field === 'success' || field === 'failure' },
  Callback: { variant: (field) => field === 'nexus' || field === 'internal' },
  Link: { variant: (field) => ['workflowEvent', 'batchJob', 'activity', 'nexusOperation', 'workflow'].includes(field) },
  LinkWorkflowEvent: { reference: (field) => field === 'eventRef' || field === 'requestIdRef' },
  VersioningOverride: { override: (field) => ['pinned', 'autoUpgrade', 'oneTime'].includes(field) },
  EventGroupMarker: { marker: (field) => ['label', 'inboundEvent', 'inboundUpdate'].includes(field) },
};

/** Nested messages have their bare names in Rust. */
const STRUCT_NAMES: { readonly [message: string]: string } = {
  PayloadExternalPayloadDetails: 'ExternalPayloadDetails', CallbackNexus: 'Nexus', CallbackInternal: 'Internal', LinkWorkflowEvent: 'WorkflowEvent',
  LinkBatchJob: 'BatchJob', LinkActivity: 'Activity', LinkNexusOperation: 'NexusOperation', LinkWorkflow: 'Workflow',
  VersioningOverridePinnedOverride: 'PinnedOverride', VersioningOverrideOneTimeOverride: 'OneTimeOverride', EventGroupMarkerLabel: 'Label',
};

const rustName = (field: string): string => {
  const snake = field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return snake === 'type' ? 'r#type' : snake;
};

function debugField(type: string, value: unknown): string {
  const [rule, kind] = [type.slice(0, 1), type.slice(1)];
  if (rule === 'r') return `[${((value ?? []) as readonly unknown[]).map((item) => debugValue(kind, item)).join(', ')}]`;
  if (rule === 'k') return `{${Object.entries((value ?? {}) as object).map(([key, item]) => `${debugText(key)}: ${debugValue(kind, item)}`).join(', ')}}`;
  if ('mTDAFEJ'.includes(kind.slice(0, 1))) return value === undefined || value === null ? 'None' : `Some(${debugValue(kind, value)})`;
  return debugValue(kind, value);
}

function debugValue(type: string, value: unknown): string {
  switch (type.slice(0, 1)) {
    case 's': return debugText(typeof value === 'string' ? value : '');
    case 'b': return value === true ? 'true' : 'false';
    case 'l': return String(value ?? 0);
    case 'y': return `[${[...decodeBase64(typeof value === 'string' ? value : '')].join(', ')}]`;
    case 'T': return debugTimestamp(String(value));
    case 'D': return debugDuration(String(value));
    case 'm': return rustDebug(type.slice(1), (value ?? {}) as object);
    case 'e': return debugEnum(type.slice(1), value);
    case 'n': return String(value ?? 0);
    default: return String(value ?? 'None');
  }
}

/** The floating-point fields of histories; the descriptors do not tell them from integers. */
const FLOATS: ReadonlySet<string> = new Set(['backoffCoefficient', 'fairnessWeight']);

/** Rust shows that it is no integer. */
const debugFloat = (value: unknown): string => (Number.isInteger(Number(value ?? 0)) ? `${Number(value ?? 0)}.0` : String(value));

function debugEnum(name: string, value: unknown): string {
  if (typeof value !== 'string') return 'Unspecified';
  const prefix = `${name.replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase()}_`;
  return pascalCase(value.startsWith(prefix) ? value.slice(prefix.length) : value);
}

function debugTimestamp(text: string): string {
  const fraction = /\.(\d+)/.exec(text)?.[1] ?? '';
  const whole = parseTimestamp(text.replace(/\.\d+/, ''));
  return `Timestamp { seconds: ${whole === null ? 0 : whole / 1000}, nanos: ${Number(fraction.padEnd(9, '0').slice(0, 9))} }`;
}

function debugDuration(text: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?s$/.exec(text);
  const sign = match?.[1] === '-' ? -1 : 1;
  return `Duration { seconds: ${sign * Number(match?.[2] ?? 0)}, nanos: ${sign * Number((match?.[3] ?? '').padEnd(9, '0'))} }`;
}

/** A string in quotes with Rust's escapes. */
function debugText(text: string): string {
  let out = '"';
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    if (character === '"' || character === '\\') out += `\\${character}`;
    else if (character === '\n') out += '\\n';
    else if (character === '\r') out += '\\r';
    else if (character === '\t') out += '\\t';
    else if (character === '\0') out += '\\0';
    else if (code < 32 || code === 127) out += `\\u{${code.toString(16)}}`;
    else out += character;
  }
  return `${out}"`;
}

