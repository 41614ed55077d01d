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

export default {
  URL, URLSearchParams, fileURLToPath, pathToFileURL,
  parse: (text: string) => {
    const { protocol, host, hostname, port, pathname, search, hash, href } = new URL(text);
    return { protocol, host, hostname, port: port || null, pathname, search, query: search.slice(1), hash, href, path: pathname + search };
  },
  format: (url: URL) => url.href,
  resolve: (from: string, to: string) => new URL(to, from).href,
};
