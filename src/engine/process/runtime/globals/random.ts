import { nextFloat, nextU32, type RandomStream, uuidV4 } from '../../../../base/random.ts';
import { kernel } from '../kernel.ts';

/** The chance of the process: one stream, seeded at boot. `Math.random`, uuids and random bytes all draw from it. */

const stream: RandomStream = { a: 0, b: 0, c: 0, d: 1 };

kernel.onBoot((boot) => {
  [stream.a, stream.b, stream.c, stream.d] = boot.seed;
});

export const random = (): number => nextFloat(stream);
export const randomUUID = (): string => uuidV4(stream);

/** Fills a typed array. */
export function fillRandom<T extends ArrayBufferView>(view: T): T {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  for (let i = 0; i < bytes.length; i++) bytes[i] = nextU32(stream) >>> 24;
  return view;
}
