import { decodeUtf8, encodeUtf8 } from '../../../../base/base64.ts';
import { kernel } from '../kernel.ts';
import { AbortController, type AbortSignal } from './events.ts';
import { URL, URLSearchParams } from '../../../sandbox/vm/url.ts';

/**
 * `fetch` and its classes. Requests go to the simulated external services: `http://payments/charge` is service `payments`. Bodies
 * cross as text. There is no other network: any other host is not found.
 */

const token = (name: string): string => {
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)) throw new TypeError(`Headers: ${JSON.stringify(name)} is an invalid header name.`);
  return name.toLowerCase();
};

export class Headers {
  readonly #map = new Map<string, string>();
  constructor(init: Headers | Iterable<readonly [string, string]> | Record<string, string> = {}) {
    for (const [name, value] of Symbol.iterator in init ? init : Object.entries(init)) this.append(name, value);
  }
  append(name: string, value: string): void {
    const key = token(name);
    const old = this.#map.get(key);
    this.#map.set(key, old === undefined ? String(value).trim() : `${old}, ${String(value).trim()}`);
  }
  set(name: string, value: string): void {
    this.#map.set(token(name), String(value).trim());
  }
  get(name: string): string | null {
    return this.#map.get(token(name)) ?? null;
  }
  has(name: string): boolean {
    return this.#map.has(token(name));
  }
  delete(name: string): void {
    this.#map.delete(token(name));
  }
  forEach(callback: (value: string, name: string, headers: Headers) => void, thisArg?: unknown): void {
    for (const [name, value] of this.entries()) callback.call(thisArg, value, name, this);
  }
  *entries(): IterableIterator<[string, string]> {
    for (const name of [...this.#map.keys()].sort()) yield [name, this.#map.get(name) as string];
  }
  *keys(): IterableIterator<string> {
    for (const [name] of this.entries()) yield name;
  }
  *values(): IterableIterator<string> {
    for (const [, value] of this.entries()) yield value;
  }
  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.entries();
  }
}

/** A body as text, and the content type it brings along. */
function readBody(body: unknown): { text: string; type: string | null } {
  if (body === null || body === undefined) return { text: '', type: null };
  if (typeof body === 'string') return { text: body, type: 'text/plain;charset=UTF-8' };
  if (body instanceof URLSearchParams) return { text: body.toString(), type: 'application/x-www-form-urlencoded;charset=UTF-8' };
  if (body instanceof ArrayBuffer) return { text: decodeUtf8(new Uint8Array(body)), type: null };
  if (ArrayBuffer.isView(body)) return { text: decodeUtf8(new Uint8Array(body.buffer, body.byteOffset, body.byteLength)), type: null };
  return { text: String(body), type: 'text/plain;charset=UTF-8' };
}

/** What of a ReadableStream is used: a reader, or `for await`. */
class BodyStream {
  #read: (() => Promise<Uint8Array>) | null;
  locked = false;
  constructor(read: () => Promise<Uint8Array>) {
    this.#read = read;
  }
  getReader(): { read(): Promise<{ done: boolean; value: Uint8Array | undefined }>; releaseLock(): void; cancel(): Promise<void> } {
    if (this.locked) throw new TypeError('Invalid state: ReadableStream is locked');
    this.locked = true;
    return {
      read: async () => {
        const read = this.#read;
        this.#read = null;
        return read ? { done: false, value: await read() } : { done: true, value: undefined };
      },
      releaseLock: () => {
        this.locked = false;
      },
      cancel: () => this.cancel(),
    };
  }
  async cancel(): Promise<void> {
    this.#read = null;
  }
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    const reader = this.getReader();
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) yield chunk.value as Uint8Array;
  }
}

class Body {
  protected readonly content: string;
  readonly headers: Headers;
  bodyUsed = false;
  #stream: BodyStream | null = null;
  constructor(body: unknown, headers: ConstructorParameters<typeof Headers>[0]) {
    const { text, type } = readBody(body);
    this.content = text;
    this.headers = new Headers(headers);
    if (type !== null && !this.headers.has('content-type')) this.headers.set('content-type', type);
  }
  /** The body as a stream of one chunk; null when there is none. */
  get body(): BodyStream | null {
    return this.content === '' ? null : (this.#stream ??= new BodyStream(() => this.bytes()));
  }
  async text(): Promise<string> {
    if (this.bodyUsed) throw new TypeError('Body is unusable: Body has already been read');
    this.bodyUsed = true;
    return this.content;
  }
  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }
  async bytes(): Promise<Uint8Array> {
    return encodeUtf8(await this.text());
  }
  async arrayBuffer(): Promise<ArrayBuffer> {
    return (await this.bytes()).slice().buffer as ArrayBuffer;
  }
}

export interface RequestOptions {
  method?: string;
  headers?: ConstructorParameters<typeof Headers>[0];
  body?: unknown;
  signal?: AbortSignal | null;
}

export class Request extends Body {
  readonly url: string;
  readonly method: string;
  readonly signal: AbortSignal;
  constructor(input: string | URL | Request, options: RequestOptions = {}) {
    const from = input instanceof Request ? input : null;
    super(options.body ?? from?.content, options.headers ?? from?.headers ?? {});
    this.url = from ? from.url : new URL(String(input)).href;
    const method = options.method ?? from?.method ?? 'GET';
    this.method = /^(get|head|post|put|delete|options)$/i.test(method) ? method.toUpperCase() : method;
    this.signal = options.signal ?? from?.signal ?? new AbortController().signal;
    if ((this.method === 'GET' || this.method === 'HEAD') && options.body != null) throw new TypeError('Request with GET/HEAD method cannot have body.');
  }
  /** The body, for `fetch`. */
  get sentBody(): string {
    return this.content;
  }
  clone(): Request {
    return new Request(this);
  }
}

export class Response extends Body {
  readonly status: number;
  readonly statusText: string;
  readonly url: string = '';
  readonly redirected = false;
  readonly type = 'default';
  constructor(body?: unknown, options: { status?: number; statusText?: string; headers?: ConstructorParameters<typeof Headers>[0] } = {}) {
    super(body, options.headers ?? {});
    this.status = options.status ?? 200;
    this.statusText = options.statusText ?? '';
    if (!(this.status >= 200 && this.status <= 599)) throw new RangeError('init["status"] must be in the range of 200 to 599, inclusive.');
  }
  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }
  clone(): Response {
    return new Response(this.content, { status: this.status, statusText: this.statusText, headers: this.headers });
  }
  static json(value: unknown, options: ConstructorParameters<typeof Response>[1] = {}): Response {
    const headers = new Headers(options.headers);
    if (!headers.has('content-type')) headers.set('content-type', 'application/json');
    return new Response(JSON.stringify(value), { ...options, headers });
  }
  static error(): Response {
    return Object.defineProperty(new Response(null), 'status', { value: 0 });
  }
}

interface FetchResponse {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
  readonly error?: string;
}

const waiting = new Map<number, (response: FetchResponse) => void>();
kernel.on('fetchResult', (message: { id: number; response: FetchResponse }) => {
  const done = waiting.get(message.id);
  waiting.delete(message.id);
  done?.(message.response);
});

const STATUS_TEXT: { readonly [status: number]: string } = {
  200: 'OK', 201: 'Created', 202: 'Accepted', 204: 'No Content', 400: 'Bad Request', 401: 'Unauthorized', 402: 'Payment Required', 403: 'Forbidden', 404: 'Not Found',
  409: 'Conflict', 422: 'Unprocessable Entity', 429: 'Too Many Requests', 500: 'Internal Server Error', 502: 'Bad Gateway', 503: 'Service Unavailable', 504: 'Gateway Timeout',
};

/** What Node's fetch rejects with when no response came. `code` is ENOTFOUND, ECONNREFUSED or ECONNRESET. */
function fetchFailed(code: string, url: URL): TypeError {
  const { hostname } = url;
  const address = hostname === 'localhost' ? '127.0.0.1' : hostname.replace(/^\[|\]$/g, '');
  // Addresses need no look-up: nobody listens there.
  if (code === 'ENOTFOUND' && /^[\d.]+$|:/.test(address)) {
    const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
    return new TypeError('fetch failed', { cause: Object.assign(new Error(`connect ECONNREFUSED ${address}:${port}`), { errno: -111, code: 'ECONNREFUSED', syscall: 'connect', address, port }) });
  }
  const text = code === 'ENOTFOUND' ? `getaddrinfo ENOTFOUND ${hostname}` : code === 'ECONNREFUSED' ? `connect ECONNREFUSED ${hostname}` : code === 'ECONNRESET' ? 'other side closed' : code;
  const cause = Object.assign(new Error(text), { code, hostname, ...(code === 'ENOTFOUND' ? { syscall: 'getaddrinfo', errno: -3008 } : {}) });
  return new TypeError('fetch failed', { cause });
}

/** Sends a request to a simulated service. */
export function fetch(input: string | URL | Request, options?: RequestOptions): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = new Request(input, options);
    const { signal } = request;
    const url = new URL(request.url);
    if (signal.aborted) return reject(signal.reason);
    if (url.protocol !== 'http:' && url.protocol !== 'https:') return reject(new TypeError('fetch failed', { cause: new Error('unknown scheme') }));
    const id = kernel.nextId();
    const release = kernel.hold();
    const abort = (): void => {
      waiting.delete(id);
      release();
      kernel.emit({ op: 'cancelFetch', id });
      reject(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
    waiting.set(id, (response) => {
      release();
      signal.removeEventListener('abort', abort);
      if (response.error !== undefined) return reject(fetchFailed(response.error, url));
      const result = new Response(response.body, { status: response.status, statusText: STATUS_TEXT[response.status] ?? '', headers: response.headers });
      resolve(Object.defineProperty(result, 'url', { value: request.url }));
    });
    const headers = Object.fromEntries(request.headers);
    kernel.emit({ op: 'fetch', id, request: { service: url.hostname, method: request.method, path: url.pathname + url.search, headers, body: request.sentBody } });
  });
}
