import { Buffer } from './buffer.ts';
import * as crypto from '../builtin/crypto.ts';
import { CryptoKey } from '../builtin/subtle.ts';
import { structuredClone } from './clone.ts';
import { console } from './console.ts';
import { atob, btoa, TextDecoder, TextEncoder } from '../../../sandbox/vm/encoding.ts';
import { AbortController, AbortSignal, CustomEvent, Event, EventTarget } from './events.ts';
import { fetch, Headers, Request, Response } from './fetch.ts';
import { performance } from './performance.ts';
import { process } from './process.ts';
import { clearTimeout, queueMicrotask, setImmediate, setInterval, setTimeout } from './timers.ts';
import { entrances } from '../kernel.ts';
import { bytesAre } from '../../../sandbox/vm/proto-json.ts';
import { URL, URLSearchParams } from '../../../sandbox/vm/url.ts';

/** The globals of a Node process, on virtual time and seeded chance. */
const globals = {
  AbortController, AbortSignal, atob, btoa, Buffer, clearImmediate: clearTimeout, clearInterval: clearTimeout, clearTimeout, console,
  crypto: crypto.webcrypto, CryptoKey, CustomEvent, Event, EventTarget, fetch, global: globalThis, Headers,
  performance, process, queueMicrotask, Request, Response, setImmediate, setInterval, setTimeout, structuredClone, TextDecoder, TextEncoder, URL, URLSearchParams,
};
for (const [name, value] of Object.entries(globals)) Object.defineProperty(globalThis, name, { value, writable: true, enumerable: false, configurable: true });

// The bundler has renamed it.
Object.defineProperty(Buffer, 'name', { value: 'Buffer' });
bytesAre(Buffer.prototype);

/** Compiled code calls it before each statement; of a process only the last line is kept, for the case that it hangs. */
(globalThis as any).__t = (n: number): void => {
  entrances.lastLine = n;
};
