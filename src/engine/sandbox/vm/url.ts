import { decodeUtf8, encodeUtf8 } from '../../../base/base64.ts';

/** URL and URLSearchParams after the WHATWG standard; host names are not converted to Punycode. */

const SPECIAL: { readonly [protocol: string]: string } = { 'http:': '80', 'https:': '443', 'ws:': '80', 'wss:': '443', 'ftp:': '21', 'file:': '' };

const invalid = (input: string, base?: string): TypeError =>
  Object.assign(new TypeError('Invalid URL'), { code: 'ERR_INVALID_URL', input, ...(base === undefined ? {} : { base }) });

/** Percent-encodes control characters, everything beyond ASCII, and `unsafe` ones; what is encoded stays. */
function encode(text: string, unsafe: string): string {
  let out = '';
  for (const c of text) {
    const code = c.codePointAt(0) as number;
    if (code > 0x20 && code < 0x7f && !unsafe.includes(c)) out += c;
    else for (const b of encodeUtf8(c)) out += `%${b.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return out;
}

function percentDecode(text: string): string {
  const bytes: number[] = [];
  for (let i = 0; i < text.length; ) {
    const hex = text[i] === '%' ? /^[0-9a-fA-F]{2}/.exec(text.slice(i + 1, i + 3)) : null;
    if (hex) {
      bytes.push(parseInt(hex[0], 16));
      i += 3;
    } else {
      const c = String.fromCodePoint(text.codePointAt(i) as number);
      bytes.push(...encodeUtf8(c));
      i += c.length;
    }
  }
  return decodeUtf8(Uint8Array.from(bytes));
}

const encodeForm = (text: string): string => encode(text, '!"#$%&\'()+,/:;<=>?@[\\]^`{|}~').replaceAll('%20', '+');
const decodeForm = (text: string): string => percentDecode(text.replaceAll('+', ' '));

export class URLSearchParams {
  #pairs: [string, string][] = [];
  #changed: () => void = () => {};
  constructor(init: string | Iterable<readonly [string, string]> | Record<string, string> | URLSearchParams = '') {
    if (typeof init === 'string') this.#parse(init.startsWith('?') ? init.slice(1) : init);
    else if (Symbol.iterator in init) for (const [k, v] of init) this.#pairs.push([String(k), String(v)]);
    else for (const [k, v] of Object.entries(init)) this.#pairs.push([k, String(v)]);
  }
  /** Parameters that write back into a URL. */
  static linked(search: string, changed: (params: URLSearchParams) => void): URLSearchParams {
    const params = new URLSearchParams(search);
    params.#changed = () => changed(params);
    return params;
  }
  #parse(text: string): void {
    for (const part of text.split('&')) {
      if (part === '') continue;
      const at = part.indexOf('=');
      this.#pairs.push(at < 0 ? [decodeForm(part), ''] : [decodeForm(part.slice(0, at)), decodeForm(part.slice(at + 1))]);
    }
  }
  get size(): number {
    return this.#pairs.length;
  }
  append(name: string, value: string): void {
    this.#pairs.push([String(name), String(value)]);
    this.#changed();
  }
  delete(name: string, value?: string): void {
    this.#pairs = this.#pairs.filter(([k, v]) => k !== name || (value !== undefined && v !== value));
    this.#changed();
  }
  get(name: string): string | null {
    return this.#pairs.find(([k]) => k === name)?.[1] ?? null;
  }
  getAll(name: string): string[] {
    return this.#pairs.filter(([k]) => k === name).map(([, v]) => v);
  }
  has(name: string, value?: string): boolean {
    return this.#pairs.some(([k, v]) => k === name && (value === undefined || v === value));
  }
  set(name: string, value: string): void {
    const first = this.#pairs.find(([k]) => k === name);
    if (!first) return this.append(name, value);
    this.#pairs = this.#pairs.filter((p) => p === first || p[0] !== name);
    first[1] = String(value);
    this.#changed();
  }
  sort(): void {
    this.#pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    this.#changed();
  }
  forEach(callback: (value: string, name: string, params: URLSearchParams) => void, thisArg?: unknown): void {
    for (const [k, v] of this.#pairs) callback.call(thisArg, v, k, this);
  }
  *entries(): IterableIterator<[string, string]> {
    for (const [k, v] of this.#pairs) yield [k, v];
  }
  *keys(): IterableIterator<string> {
    for (const [k] of this.#pairs) yield k;
  }
  *values(): IterableIterator<string> {
    for (const [, v] of this.#pairs) yield v;
  }
  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.entries();
  }
  toString(): string {
    return this.#pairs.map(([k, v]) => `${encodeForm(k)}=${encodeForm(v)}`).join('&');
  }
}

/** Resolves `.` and `..` in a path. */
function normalizePath(path: string): string {
  const out: string[] = [];
  const parts = path.split('/').slice(1);
  parts.forEach((part, i) => {
    const last = i === parts.length - 1;
    const plain = part.replace(/%2e/gi, '.');
    if (plain === '..') {
      out.pop();
      if (last) out.push('');
    } else if (plain === '.') {
      if (last) out.push('');
    } else out.push(part);
  });
  return `/${out.join('/')}`;
}

export class URL {
  #protocol = '';
  #username = '';
  #password = '';
  #hostname = '';
  #port = '';
  /** With a leading slash when there is a host or the protocol is special. */
  #pathname = '';
  #search = '';
  #hash = '';
  #hasHost = false;
  #params: URLSearchParams | null = null;

  constructor(input: string | URL, base?: string | URL) {
    const text = String(input).replace(/^[\0-\x20]+|[\0-\x20]+$/g, '').replace(/[\t\n\r]/g, '');
    const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(text);
    if (scheme) return this.#parseAbsolute(`${(scheme[1] as string).toLowerCase()}:`, text.slice(scheme[0].length), String(input)), this;
    if (base === undefined) throw invalid(String(input));
    this.#resolve(text, new URL(base), String(input));
  }
  #parseAbsolute(protocol: string, rest: string, input: string): void {
    this.#protocol = protocol;
    const special = protocol in SPECIAL;
    const m = /^([^?#]*)(\?[^#]*)?(#.*)?$/s.exec(rest) as RegExpExecArray;
    let body = m[1] as string;
    this.#setSearch(m[2] ?? '');
    this.#setHash(m[3] ?? '');
    if (special) body = body.replaceAll('\\', '/');
    if (protocol === 'file:') body = body.startsWith('//') ? body : `//${body.startsWith('/') ? '' : '/'}${body}`;
    else if (special) body = body.replace(/^\/*/, '//');
    if (!body.startsWith('//')) {
      this.#pathname = body.startsWith('/') ? normalizePath(encode(body, '"#<>?`{}')) : encode(body, '').replaceAll('%20', ' ');
      return;
    }
    this.#hasHost = true;
    const slash = body.indexOf('/', 2);
    const authority = slash < 0 ? body.slice(2) : body.slice(2, slash);
    const path = slash < 0 ? '' : body.slice(slash);
    this.#setAuthority(authority, special, input);
    this.#pathname = path === '' ? (special ? '/' : '') : normalizePath(encode(path, '"#<>?`{}'));
  }
  #setAuthority(authority: string, special: boolean, input: string): void {
    const at = authority.lastIndexOf('@');
    if (at >= 0) {
      const [user = '', ...password] = authority.slice(0, at).split(':');
      this.#username = encode(user, '"#<>?`{}/:;=@[\\]^|');
      this.#password = encode(password.join(':'), '"#<>?`{}/:;=@[\\]^|');
    }
    const m = /^(\[[0-9a-fA-F:.]+\]|[^:]*)(?::(\d*))?$/.exec(authority.slice(at + 1));
    if (!m) throw invalid(input);
    const host = special ? percentDecode(m[1] as string).toLowerCase() : (m[1] as string);
    if (/[\0-\x20#%/<>?@\\^|]/.test(host) || (host === '' && special && this.#protocol !== 'file:')) throw invalid(input);
    if (Number(m[2] ?? 0) > 65535) throw invalid(input);
    this.#hostname = this.#protocol === 'file:' && host === 'localhost' ? '' : host;
    this.#port = m[2] ? String(Number(m[2])) : '';
    if (this.#port === SPECIAL[this.#protocol]) this.#port = '';
  }
  #resolve(text: string, base: URL, input: string): void {
    if (!base.#hasHost && !base.#pathname.startsWith('/')) throw invalid(input, base.href);
    const reference = base.#protocol in SPECIAL ? text.replaceAll('\\', '/') : text;
    if (reference.startsWith('//')) return this.#parseAbsolute(base.#protocol, reference, input);
    this.#protocol = base.#protocol;
    this.#username = base.#username;
    this.#password = base.#password;
    this.#hostname = base.#hostname;
    this.#port = base.#port;
    this.#hasHost = base.#hasHost;
    const m = /^([^?#]*)(\?[^#]*)?(#.*)?$/s.exec(reference) as RegExpExecArray;
    const path = m[1] as string;
    this.#setHash(m[3] ?? '');
    if (path === '') this.#pathname = base.#pathname;
    else this.#pathname = normalizePath(encode(path.startsWith('/') ? path : base.#pathname.slice(0, base.#pathname.lastIndexOf('/') + 1) + path, '"#<>?`{}'));
    this.#setSearch(m[2] ?? (path === '' ? base.#search : ''));
  }
  #setSearch(search: string): void {
    this.#search = search === '' || search === '?' ? '' : `?${encode(search.slice(1), this.#protocol in SPECIAL ? '"#<>\'' : '"#<>')}`;
  }
  #setHash(hash: string): void {
    this.#hash = hash === '' || hash === '#' ? '' : `#${encode(hash.slice(1), '"<>`')}`;
  }
  static canParse(input: string | URL, base?: string | URL): boolean {
    return URL.parse(input, base) !== null;
  }
  static parse(input: string | URL, base?: string | URL): URL | null {
    try {
      return new URL(input, base);
    } catch {
      return null;
    }
  }
  get protocol(): string {
    return this.#protocol;
  }
  set protocol(value: string) {
    const protocol = `${value.replace(/:.*$/, '').toLowerCase()}:`;
    if (protocol in SPECIAL === this.#protocol in SPECIAL) this.#protocol = protocol;
  }
  get username(): string {
    return this.#username;
  }
  set username(value: string) {
    this.#username = encode(value, '"#<>?`{}/:;=@[\\]^|');
  }
  get password(): string {
    return this.#password;
  }
  set password(value: string) {
    this.#password = encode(value, '"#<>?`{}/:;=@[\\]^|');
  }
  get hostname(): string {
    return this.#hostname;
  }
  set hostname(value: string) {
    if (value !== '') this.#hostname = value.toLowerCase();
  }
  get port(): string {
    return this.#port;
  }
  set port(value: string) {
    const port = /^\d*/.exec(String(value))?.[0] ?? '';
    this.#port = port === SPECIAL[this.#protocol] ? '' : port;
  }
  get host(): string {
    return this.#port === '' ? this.#hostname : `${this.#hostname}:${this.#port}`;
  }
  set host(value: string) {
    const [name, port] = value.split(':');
    this.hostname = name ?? '';
    if (port !== undefined) this.port = port;
  }
  get origin(): string {
    return this.#protocol in SPECIAL && this.#protocol !== 'file:' ? `${this.#protocol}//${this.host}` : 'null';
  }
  get pathname(): string {
    return this.#pathname;
  }
  set pathname(value: string) {
    this.#pathname = normalizePath(encode(value.startsWith('/') ? value : `/${value}`, '"#<>?`{}'));
  }
  get search(): string {
    return this.#search;
  }
  set search(value: string) {
    this.#setSearch(value === '' || value.startsWith('?') ? value : `?${value}`);
    this.#params = null;
  }
  get searchParams(): URLSearchParams {
    this.#params ??= URLSearchParams.linked(this.#search, (params) => {
      const text = params.toString();
      this.#search = text === '' ? '' : `?${text}`;
    });
    return this.#params;
  }
  get hash(): string {
    return this.#hash;
  }
  set hash(value: string) {
    this.#setHash(value === '' || value.startsWith('#') ? value : `#${value}`);
  }
  get href(): string {
    const user = this.#username === '' && this.#password === '' ? '' : `${this.#username}${this.#password === '' ? '' : `:${this.#password}`}@`;
    return `${this.#protocol}${this.#hasHost ? `//${user}${this.host}` : ''}${this.#pathname}${this.#search}${this.#hash}`;
  }
  set href(value: string) {
    const next = new URL(value);
    this.#protocol = next.#protocol;
    this.#username = next.#username;
    this.#password = next.#password;
    this.#hostname = next.#hostname;
    this.#port = next.#port;
    this.#pathname = next.#pathname;
    this.#search = next.#search;
    this.#hash = next.#hash;
    this.#hasHost = next.#hasHost;
    this.#params = null;
  }
  toString(): string {
    return this.href;
  }
  toJSON(): string {
    return this.href;
  }
}
