import { URL, URLSearchParams } from '../../../sandbox/vm/url.ts';

/** Node's `url`. */
export { URL, URLSearchParams };

export function fileURLToPath(url: string | URL): string {
  const parsed = typeof url === 'string' ? new URL(url) : url;
  if (parsed.protocol !== 'file:') throw Object.assign(new TypeError('The URL must be of scheme file'), { code: 'ERR_INVALID_URL_SCHEME' });
  return decodeURIComponent(parsed.pathname);
}

export function pathToFileURL(path: string): URL {
  const url = new URL('file:///');
  url.pathname = path.replaceAll('%', '%25').replaceAll('?', '%3F').replaceAll('#', '%23');
  return url;
}

/** What `url.format` takes besides a URL. */
interface Legacy {
  readonly protocol?: string;
  readonly auth?: string;
  readonly host?: string;
  readonly hostname?: string;
  readonly port?: string | number;
  readonly pathname?: string;
  readonly search?: string;
  readonly query?: string | Record<string, string>;
  readonly hash?: string;
}

export default {
  URL, URLSearchParams, fileURLToPath, pathToFileURL,
  parse: (text: string, parseQuery = false) => {
    const { protocol, host, hostname, port, pathname, search, hash, href, username, password } = new URL(text);
    const query = parseQuery ? Object.fromEntries(new URLSearchParams(search)) : search.slice(1) || null;
    const auth = username === '' ? null : decodeURIComponent(password === '' ? username : `${username}:${password}`);
    return { protocol, slashes: true, auth, host, port: port || null, hostname, hash: hash || null, search: search || null, query, pathname, path: pathname + search, href };
  },
  format: (url: URL | Legacy | string): string => {
    if (typeof url === 'string') return new URL(url).href;
    if (url instanceof URL) return url.href;
    const host = url.host ?? (url.hostname === undefined ? '' : `${url.hostname}${url.port === undefined ? '' : `:${url.port}`}`);
    const query = url.query === undefined || typeof url.query === 'string' ? (url.query ?? '') : new URLSearchParams(url.query).toString();
    const search = url.search ?? (query === '' ? '' : `?${query}`);
    const protocol = url.protocol === undefined ? '' : `${url.protocol.replace(/:$/, '')}:`;
    return `${protocol}${host === '' ? '' : `//${url.auth === undefined ? '' : `${url.auth}@`}${host}`}${url.pathname ?? ''}${search}${url.hash ?? ''}`;
  },
  resolve: (from: string, to: string) => new URL(to, from).href,
};
