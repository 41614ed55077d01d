import { textToBase64 } from '../base/base64.ts';
import type { Payload } from './proto.ts';

/** Base64 of `json/plain`. */
export const ENCODING_JSON = 'anNvbi9wbGFpbg==';

/**
 * A payload of JSON, as the SDK's default converter makes it.
 * @param type of a search attribute, such as `Keyword`
 */
export const jsonPayload = (value: unknown, type?: string): Payload => ({
  metadata: { encoding: ENCODING_JSON, ...(type !== undefined && { type: textToBase64(type) }) }, data: textToBase64(JSON.stringify(value)),
});
