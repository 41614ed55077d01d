import { RpcCode } from '../../../../api/rpc.ts';
import type { RpcStatus } from '../kernel.ts';

/** How Core says that it can't connect. */
export const transportSource = (error: string, target: string): string =>
  `tonic::transport::Error(Transport, ConnectError(ConnectError(${
    error === 'ENOTFOUND'
      ? '"dns error", Custom { kind: Uncategorized, error: "failed to lookup address information: Name or service not known" }'
      : `"tcp connect error", ${target}, Os { code: 111, kind: ConnectionRefused, message: "Connection refused" }`
  })))`;

/** A failed call as Core prints it: tonic's `Status` in Rust's debug form, whose details are the bytes of a google.rpc.Status. */
export function rustStatus(status: RpcStatus, target: string): string {
  const source = sourceOf(status, target);
  if (source !== null)
    return `Status { code: ${codeName(status.code)}, message: ${JSON.stringify(status.message)}, source: Some(${source}) }`;
  const bytes = detailBytes(status);
  return `Status { code: ${codeName(status.code)}, message: ${JSON.stringify(status.message)}${bytes ? `, details: b"${bytes.map(debugByte).join('')}"` : ''}, metadata: MetadataMap { headers: {"content-type": "application/grpc"} }, source: None }`;
}

/** The same in Rust's display form, of a call that did not reach the Service. */
export function displayStatus(status: RpcStatus, target: string): string {
  const code = status.code === RpcCode.CANCELLED ? 'The operation was cancelled' : 'The service is currently unavailable';
  return `code: '${code}', message: ${JSON.stringify(status.message)}, source: ${sourceOf(status, target)}`;
}

/** What in the network lies behind it. */
const sourceOf = ({ code, message }: RpcStatus, target: string): string | null =>
  message === 'tcp connect error' ? transportSource('ECONNREFUSED', target) : code === RpcCode.CANCELLED ? 'tonic::transport::Error(Transport, TimeoutExpired(()))' : null;

const CODES = ['Ok', 'Cancelled', 'Unknown', 'InvalidArgument', 'DeadlineExceeded', 'NotFound', 'AlreadyExists', 'PermissionDenied', 'ResourceExhausted', 'FailedPrecondition', 'Aborted', 'OutOfRange', 'Unimplemented', 'Internal', 'Unavailable'];
const codeName = (code: number): string => CODES[code] ?? String(code);

/** Of the details that have one text field, or none: what the Service says of a namespace. */
function detailBytes({ code, message, details }: RpcStatus): readonly number[] | null {
  if (!details || details.length === 0) return null;
  const anys = details.flatMap((detail) => {
    const { '@type': type, ...fields } = detail as { readonly '@type': string; readonly [field: string]: unknown };
    const [text] = Object.values(fields);
    return lengthDelimited(3, [...lengthDelimited(1, utf8(type)), ...lengthDelimited(2, typeof text === 'string' ? lengthDelimited(1, utf8(text)) : [])]);
  });
  return [0x08, code, ...lengthDelimited(2, utf8(message)), ...anys];
}

const utf8 = (text: string): readonly number[] => [...new TextEncoder().encode(text)];

/** A field of bytes in protobuf's wire format; an empty one is left out. */
function lengthDelimited(field: number, bytes: readonly number[]): readonly number[] {
  if (bytes.length === 0) return [];
  const length: number[] = [];
  for (let rest = bytes.length; ; rest >>= 7) {
    length.push(rest > 0x7f ? (rest & 0x7f) | 0x80 : rest);
    if (rest <= 0x7f) return [(field << 3) | 2, ...length, ...bytes];
  }
}

const ESCAPES: { readonly [byte: number]: string } = { 0: '\\0', 9: '\\t', 10: '\\n', 13: '\\r', 34: '\\"', 92: '\\\\' };
const debugByte = (byte: number): string => ESCAPES[byte] ?? (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`);
