import { invalidArgument } from './argument-errors.ts';
import { ROOT } from '../globals/process.ts';

/** Node's `path` on POSIX. */

function normalizeParts(parts: readonly string[], absolute: boolean): string[] {
  const out: string[] = [];
  for (const part of parts) {
    if (part === '' || part === '.') continue;
    if (part !== '..') out.push(part);
    else if (out.length > 0 && out.at(-1) !== '..') out.pop();
    else if (!absolute) out.push('..');
  }
  return out;
}

export const isAbsolute = (path: string): boolean => path.startsWith('/');

export function normalize(path: string): string {
  if (path === '') return '.';
  const absolute = isAbsolute(path);
  const text = normalizeParts(path.split('/'), absolute).join('/');
  const trailing = path.endsWith('/') && text !== '' ? '/' : '';
  return absolute ? `/${text}${trailing}` : text === '' ? (path.endsWith('/') ? './' : '.') : text + trailing;
}

export function join(...paths: string[]): string {
  for (const path of paths) {
    if (typeof path !== 'string') throw invalidArgument('path', 'of type string', path);
  }
  return normalize(paths.filter((p) => p !== '').join('/'));
}

export function resolve(...paths: string[]): string {
  let path = '';
  for (const next of paths.toReversed()) {
    if (next === '') continue;
    path = path === '' ? next : `${next}/${path}`;
    if (isAbsolute(next)) break;
  }
  if (!isAbsolute(path)) path = `${ROOT}/${path}`;
  return `/${normalizeParts(path.split('/'), true).join('/')}`;
}

export function dirname(path: string): string {
  const bare = path.replace(/\/+$/, '');
  const slash = bare.lastIndexOf('/');
  if (slash < 0) return path.startsWith('/') ? '/' : '.';
  return bare.slice(0, slash).replace(/\/+$/, '') || '/';
}

export function basename(path: string, suffix = ''): string {
  const base = path.replace(/\/+$/, '').split('/').at(-1) ?? '';
  return suffix !== '' && base !== suffix && base.endsWith(suffix) ? base.slice(0, -suffix.length) : base;
}

export function extname(path: string): string {
  const base = basename(path);
  const dot = base.lastIndexOf('.');
  return dot <= 0 ? '' : base.slice(dot);
}

export function relative(from: string, to: string): string {
  const a = resolve(from).split('/').filter(Boolean);
  const b = resolve(to).split('/').filter(Boolean);
  let same = 0;
  while (same < a.length && same < b.length && a[same] === b[same]) same++;
  return [...a.slice(same).map(() => '..'), ...b.slice(same)].join('/');
}

export function parse(path: string): { root: string; dir: string; base: string; ext: string; name: string } {
  const base = basename(path);
  const ext = extname(path);
  const root = isAbsolute(path) ? '/' : '';
  const dir = path.includes('/') ? dirname(path) : '';
  return { root, dir, base, ext, name: ext === '' ? base : base.slice(0, -ext.length) };
}

export const format = (p: { root?: string; dir?: string; base?: string; ext?: string; name?: string }): string => {
  const base = p.base ?? `${p.name ?? ''}${p.ext ?? ''}`;
  const dir = p.dir ?? p.root ?? '';
  return dir === '' ? base : dir === p.root ? dir + base : `${dir}/${base}`;
};

const path: any = { sep: '/', delimiter: ':', isAbsolute, normalize, join, resolve, dirname, basename, extname, relative, parse, format, toNamespacedPath: (p: string) => p };
path.posix = path;
export default path;
