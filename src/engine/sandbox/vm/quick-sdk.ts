import { encodeUtf8 } from '../../../base/base64.ts';
import { JSON_PLAIN, JSON_PLAIN_OF_CORE } from './proto-json.ts';

/**
 * Two helpers of the SDK that every activation and activity calls are pure functions written for a JIT: UTF-8 byte by byte, durations parsed
 * anew each time. In an interpreter they took a quarter of the time. The SDK's modules look them up on each call, so that they can be wrapped
 * here; whatever is not the usual case goes to the original.
 */

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
// By `require`: an import would be a copy of what the module exports.
// eslint-disable-next-line
declare const require: (name: string) => unknown;
const encoding = require('@temporalio/common/lib/encoding') as Mutable<typeof import('@temporalio/common/lib/encoding')>;
const time = require('@temporalio/common/lib/time') as Mutable<typeof import('@temporalio/common/lib/time')>;

const JSON_PLAIN_TEXT = 'json/plain';
/** More would be too many arguments. */
const MOST_BYTES = 4_096;
const NOT_ASCII = /[^\0-\x7f]/;

function quickDecode(original: typeof encoding.decode): typeof encoding.decode {
  return (bytes) => {
    if (bytes === JSON_PLAIN || bytes === JSON_PLAIN_OF_CORE) return JSON_PLAIN_TEXT;
    if (!(bytes instanceof Uint8Array)) return original(bytes);
    let all = '';
    for (let i = 0; i < bytes.length; i += MOST_BYTES) {
      const text = String.fromCharCode.apply(null, bytes.subarray(i, i + MOST_BYTES) as unknown as number[]);
      if (NOT_ASCII.test(text)) return original(bytes);
      all += text;
    }
    return all;
  };
}

const quickEncode = (original: typeof encoding.encode): typeof encoding.encode => (text) => (typeof text === 'string' && !NOT_ASCII.test(text) ? encodeUtf8(text) : original(text));

/** Distinct durations of a program are few; beyond this many nothing is kept. */
const MOST_DURATIONS = 200;

function remembered<F extends (duration: any) => any>(original: F): F {
  const known = new Map<unknown, unknown>();
  return ((duration: unknown) => {
    if (typeof duration !== 'string' && typeof duration !== 'number') return original(duration);
    let value = known.get(duration);
    if (value === undefined) {
      value = Object.freeze(original(duration));
      if (known.size < MOST_DURATIONS) known.set(duration, value);
    }
    return value;
  }) as F;
}

encoding.decode = quickDecode(encoding.decode);
encoding.encode = quickEncode(encoding.encode);
time.msToTs = remembered(time.msToTs);
time.msOptionalToTs = remembered(time.msOptionalToTs);
