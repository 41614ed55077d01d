import { Buffer } from 'buffer/';

/** The package `buffer`, with the encoding that it lacks. */
const base = { from: Buffer.from, isEncoding: Buffer.isEncoding, toString: Buffer.prototype.toString, byteLength: Buffer.byteLength };
/** It reads the other alphabet of base64 by itself. */
const known = (encoding: unknown): any => (/^base64url$/i.test(String(encoding)) ? 'base64' : encoding);

Object.assign(Buffer, {
  from: (value: any, encoding?: any, length?: any) => base.from(value, known(encoding), length),
  byteLength: (value: any, encoding?: any) => base.byteLength(value, known(encoding)),
  isEncoding: (encoding: any) => base.isEncoding(known(encoding)),
});
Buffer.prototype.toString = function (this: Buffer, encoding?: any, ...range: [number?, number?]): string {
  const text = base.toString.call(this, known(encoding), ...range);
  return known(encoding) === encoding ? text : text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
};

export { Buffer };
