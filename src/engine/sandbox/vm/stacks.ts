import { definitionOf, projectRoot } from './modules.ts';
import { v8Message, type ErrorPlace } from './v8-messages.ts';

/**
 * Stack traces as Node shows them, with the places of the TypeScript source: quickjs-ng calls `Error.prepareStackTrace` as V8 does.
 * Frames of the SDK and of our own code stay as they are.
 */

interface CallSite {
  getFunctionName(): string | null;
  getFileName(): string | null;
  getLineNumber(): number | null;
  getColumnNumber(): number | null;
  isNative(): boolean;
  isConstructor(): boolean;
  getFunction(): unknown;
}

/** A place in the project's source. `line` and `column` from 1. */
export interface SourcePosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

type Segment = readonly [column: number, sourceLine: number, sourceColumn: number];
const decoded = new Map<string, readonly (readonly Segment[])[]>();

/** The frames of an error whose `stack` nobody has read yet: V8, too, writes it down when it is read, with the name that the error has then. */
class Frames {
  readonly sites: readonly CallSite[];
  constructor(sites: readonly CallSite[]) {
    this.sites = sites;
  }
}

/** The genuine workflow sandbox maps its bundle's places itself: columns count from 0, and a frame bears the name of what is called there. */
let mapped = false;

/**
 * Installs the formatter. Has to run before any code that throws.
 * @param options.sandbox as in a workflow's sandbox, not as in Node
 */
export function installStackTraces(options: { readonly sandbox?: boolean } = {}): void {
  mapped = options.sandbox ?? false;
  const ErrorWithHook = Error as unknown as { stackTraceLimit: number; prepareStackTrace: (error: Error, sites: readonly CallSite[]) => unknown; captureStackTrace: (target: object, above?: unknown) => void };
  ErrorWithHook.stackTraceLimit = 32; // frames of lowered code are left out, so that ten remain
  let atOnce = false;
  ErrorWithHook.prepareStackTrace = (error, sites) => {
    translate(error, sites);
    return atOnce ? format(error, sites) : new Frames(sites);
  };
  const capture = ErrorWithHook.captureStackTrace;
  ErrorWithHook.captureStackTrace = function captureStackTrace(target, above) {
    atOnce = true;
    try {
      capture(target, above);
    } finally {
      atOnce = false;
    }
  };
  const { get } = Object.getOwnPropertyDescriptor(Error.prototype, 'stack') as { get: () => unknown };
  // `Promise.any` makes its error without message and stack.
  const ANY = 'All promises were rejected';
  Object.defineProperty(AggregateError.prototype, 'message', {
    get(this: object): string {
      return get.call(this) === undefined && this !== AggregateError.prototype ? ANY : '';
    },
    set(this: object, value: unknown) {
      Object.defineProperty(this, 'message', { value, writable: true, enumerable: false, configurable: true });
    },
    enumerable: false, configurable: true,
  });
  // What is written over a stack is no more to be seen by `Object.keys` and JSON than in V8.
  const write = (error: object, value: unknown): unknown => Object.defineProperty(error, 'stack', { value, writable: true, enumerable: false, configurable: true });
  Object.defineProperty(Error.prototype, 'stack', {
    get(this: Error): unknown {
      const stack = get.call(this) ?? (this instanceof AggregateError ? `AggregateError: ${ANY}` : undefined);
      if (!(stack instanceof Frames)) return stack;
      const value = format(this, stack.sites);
      if (Object.isExtensible(this)) write(this, value);
      return value;
    },
    set(this: object, value: unknown) {
      write(this, value);
    },
    enumerable: false, configurable: true,
  });
}

/** A stack trace as V8 writes it. */
function format(error: Error, sites: readonly CallSite[]): string {
  let text: string;
  try {
    text = Error.prototype.toString.call(error);
  } catch {
    text = 'Error';
  }
  const constructors = constructorsOf(error);
  let shown = 0;
  /** The last frame was the body of an async function, and it has been called just now: the next one is the function itself. */
  let called: 'no' | 'body' | 'function' = 'no';
  /** A body without a name, which the function will give it. */
  let nameless: string | null = null;
  const show = (frame: string): void => {
    text += `\n    at ${frame}`;
    shown += 1;
  };
  for (const [i, site] of sites.entries()) {
    const name = site.getFunctionName();
    if (isMachinery(site, name)) {
      if (called === 'body' && (name === 'lowered' || name === '__async')) called = 'function';
      continue;
    }
    const above = sites[i - 1];
    const callee = above?.getFunctionName() ?? null;
    const where = whereOf(site, (called) => (above ? called === callee && !isMachinery(above, callee) : constructors.has(called) || called === error.constructor?.name));
    const place = placeOfSite(site, name, where);
    if (place === null) continue;
    if (called === 'function') {
      called = 'no';
      if (nameless !== null) show(name ? `${name} (${place === ACTIVITY_PLACE ? place : nameless})` : nameless);
      nameless = null;
      if (shown === 10) break;
      continue;
    }
    if (nameless !== null) show(nameless);
    nameless = null;
    if (shown === 10) break;
    called = 'body';
    // V8 begins below the constructors of the error's own class.
    if (shown === 0 && name && (constructors.has(name) || (name === 'Array' && place === ANONYMOUS) || CONSTRUCTOR.test(`${name} (${place}`))) continue;
    const shownAs = mapped && shown > 0 && isOfProject(site) ? calleeAt(where) : null;
    if (shownAs !== null) show(`${shownAs} (${place})`);
    else if (!name && place !== ANONYMOUS) nameless = place;
    else show(describe(site, name, place));
    if (shown === 10) break;
  }
  // The function that a job of ours begins with is no frame of Node's.
  if (nameless !== null && !/^(?:workflow|process)\.js:/.test(nameless)) show(nameless);
  return text;
}

/** The name of the function that a frame calls, if it stands at the frame's place. */
function calleeAt({ place }: Where): string | null {
  return (place && /^([\w$]+)\(/.exec(place.text.slice(place.at, place.at + 100))?.[1]) ?? null;
}

const ANONYMOUS = '<anonymous>';

/** Names of the classes that an error is an instance of, but those of the language. */
function constructorsOf(error: Error): ReadonlySet<string> {
  const names = new Set<string>();
  for (let type: any = error?.constructor; typeof type === 'function' && type !== Error && type !== Function.prototype; type = Object.getPrototypeOf(type)) names.add(type.name);
  return names;
}

/** What the engine itself throws; never a plain `Error`, and no class of the project's. */
const ENGINE_ERRORS: ReadonlySet<unknown> = new Set([TypeError, RangeError, ReferenceError, SyntaxError, URIError].map((type) => type.prototype));

/** Gives an error that the engine threw V8's message. One that the project makes keeps its words, even if they are the engine's. */
function translate(error: Error, sites: readonly CallSite[]): void {
  const own = Object.getOwnPropertyDescriptor(error, 'message')?.value as unknown;
  if (typeof own !== 'string' || !ENGINE_ERRORS.has(Object.getPrototypeOf(error))) return;
  const place = placeOf(sites[0]);
  const message = v8Message(own, place, { native: sites[0]?.isNative() ? sites[0].getFunctionName() : null, caller: placeOf(sites.find((site) => !site.isNative())), name: sites[0]?.getFunctionName() ?? null });
  if (message === null) return;
  if (place && /^(?:new\s+)?(?:globalThis\.)?(?:Type|Range|Reference|Syntax|URI)Error\b/.test(place.text.slice(place.at, place.at + 80))) return;
  Object.defineProperty(error, 'message', { value: message, writable: true, configurable: true, enumerable: false });
}

/** Where in the text of a module the topmost function stands; null for a built-in function. */
function placeOf(site: CallSite | undefined): ErrorPlace | null {
  const line = site?.getLineNumber() ?? null;
  const body = definitionOf(site?.getFileName() ?? '')?.body;
  if (!site || site.isNative() || line === null || !body) return null;
  const text = String(body);
  let at = 0;
  for (let i = 1; i < line; i++) at = text.indexOf('\n', at) + 1;
  return { text, at: at + (site.getColumnNumber() ?? 1) - 1 };
}

/** Functions of ours that carry lowered async functions and activations: Node would not show them. */
const MACHINERY = new Set([
  'promiseReaction', 'promiseFulfilled', 'lowered', 'asyncStep', 'asyncResumed', 'asyncFulfilled', 'asyncRejected', 'next', 'throw', 'return', '__async', '__awaiter', 'withoutFrame',
  'call', 'apply', 'concat', 'proceed', 'unblock', 'conclude', 'runJobs',
]);
/** What stands around built-in functions (json-errors.ts, argument-errors.ts). */
const WRAPPERS = new Set(['parse', 'stringify', 'repeat']);
/** Constructors of the SDK's errors, on top of a stack: V8 leaves them out. */
const CONSTRUCTOR = /^[A-Z]\w* \((?:workflow|process)\.js:/;
/** Built-in methods that call code of the project or throw, by what V8 names before them. */
const OWNERS: { readonly [name: string]: string } = Object.fromEntries(
  Object.entries({
    Array: 'every filter find findIndex findLast findLastIndex flatMap forEach map reduce reduceRight some sort toSorted',
    BigInt: 'asIntN asUintN', Date: 'toISOString', JSON: 'parse stringify', Map: '', Promise: 'catch finally then', String: 'normalize repeat replace replaceAll',
  }).flatMap(([owner, names]) => names.split(' ').map((name) => [name, `${owner}.${name}`])),
);

/** Frames of lowered code, of our prelude and of helpers that the compiler put in are none that Node would have. */
const isMachinery = (site: CallSite, name: string | null): boolean => name !== null && (MACHINERY.has(name) || (WRAPPERS.has(name) && !site.isNative())) && !isOfProject(site);
const isOfProject = (site: CallSite): boolean => definitionOf(site.getFileName() ?? '') !== undefined && !site.isNative();

/** A place in evaluated text. */
interface Where {
  readonly line: number | null;
  readonly column: number;
  readonly place: ErrorPlace | null;
}

/**
 * Where a frame is. quickjs-ng has a call with calls, templates or operators among its arguments at the last of those; V8 has it where it begins.
 * @param isCallee whether a name is that of what the frame calls
 */
function whereOf(site: CallSite, isCallee: (name: string) => boolean): Where {
  const line = site.getLineNumber();
  const column = site.getColumnNumber() ?? 1;
  const place = placeOf(site);
  const begin = place && line !== null ? callAround(place, isCallee) : null;
  if (place === null || line === null || begin === null) return { line, column, place };
  const { text, at } = place;
  return { line: line - text.slice(begin, at).split('\n').length + 1, column: begin - text.lastIndexOf('\n', begin - 1), place: { text, at: begin } };
}

/** Where the name stands of the call of a certain function whose arguments a place is among; null when it is not, or is that call's own. */
function callAround({ text, at }: ErrorPlace, isCallee: (name: string) => boolean): number | null {
  const here = /^(?:new\s+)?(?:[\w$]+\.)*([\w$]+)\s*\(/.exec(text.slice(at, at + 200))?.[1];
  if (here !== undefined && isCallee(here)) return null;
  for (let i = at - 1, depth = 0; i >= Math.max(0, at - 3000); i--) {
    const c = text[i]!;
    if (')]}'.includes(c)) depth++;
    else if ('([{'.includes(c) && depth-- === 0) {
      depth = 0;
      const before = text.slice(Math.max(0, i - 100), i);
      // The body of a function or of a statement.
      if (c === '{' && /(?:\)|=>|\b(?:else|try|finally|do))\s*$/.test(before)) return null;
      const name = c === '(' ? /([\w$]+)\s*$/.exec(before) : null;
      if (name && isCallee(name[1]!)) return i - name[0].length;
    }
  }
  return null;
}

/** Where a frame is, as Node writes it; null for one that it would not have. */
function placeOfSite(site: CallSite, name: string | null, { line, column, place }: Where): string | null {
  const file = site.getFileName();
  if (file === 'prelude.js' || file === '<input>') return null;
  if (file === null || line === null || site.isNative() || name === 'Promise') return ANONYMOUS;
  if (!definitionOf(file)) return activityFrames.has(name === 'executeNextHandler' ? name : site.getFunction()) ? ACTIVITY_PLACE : `${file}:${line}:${column}`;
  const source = sourcePosition(file, line, column);
  if (source === null) return null;
  // V8 has the place of `new`, quickjs-ng that of the class.
  const before = place ? (/\bnew\s+$/.exec(place.text.slice(Math.max(0, place.at - 20), place.at))?.[0].length ?? 0) : 0;
  return `${projectRoot}${source.file}:${source.line}:${Math.max(1, source.column - before) - (mapped ? 1 : 0)}`;
}

/** A frame as Node writes it. */
function describe(site: CallSite, name: string | null, place: string): string {
  if (!name) return place;
  if (place === ANONYMOUS) return `${site.isConstructor() ? `new ${name}` : (OWNERS[name] ?? name)} (${place})`;
  const own = name.startsWith(ASYNC) ? name.slice(ASYNC.length).replace('$$', '.') : name.replace(/^[gs]et /, '');
  return `${site.isConstructor() ? 'new ' : ''}${own} (${place})`;
}

/** Functions by which the SDK's failure converter knows that an activity's own frames end; it asks for their file, too (the line is nobody's). */
const activityFrames = new Set<unknown>(['executeNextHandler']);
const ACTIVITY_PLACE = `${projectRoot}node_modules/@temporalio/worker/lib/activity.js:1:1`;
export const endsActivityStack = (execute: unknown): void => void activityFrames.add(execute);

/** How src/compile/async-names.ts names the body of an async function. */
const ASYNC = 'async$';

/** The first place in the project's source in a stack trace that was made here; null when there is none. */
export function positionInStack(stack: unknown): SourcePosition | null {
  if (typeof stack !== 'string') return null;
  for (const line of stack.split('\n')) {
    const match = /(?:\(|at )\/app\/(.+):(\d+):(\d+)\)?$/.exec(line);
    if (match && !match[1]!.startsWith('node_modules/')) return { file: match[1]!, line: Number(match[2]), column: Number(match[3]) };
  }
  return null;
}

/** Maps a place in the evaluated text of a module (which opens with one line of ours) to its source; null when it is nobody's. */
function sourcePosition(file: string, line: number, column: number): SourcePosition | null {
  const mappings = definitionOf(file)?.mappings ?? '';
  if (mappings === '') return { file, line: Math.max(1, line - 1), column };
  let lines = decoded.get(file);
  if (!lines) decoded.set(file, (lines = decodeMappings(mappings)));
  const segments = lines[line - 2];
  if (!segments || segments.length === 0) return null;
  let best = segments[0]!;
  for (const segment of segments) {
    if (segment[0] > column - 1) break;
    best = segment;
  }
  return { file, line: best[1] + 1, column: best[2] + 1 };
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Decodes the `mappings` of a source map with one source. */
function decodeMappings(mappings: string): readonly (readonly Segment[])[] {
  const lines: Segment[][] = [];
  let sourceLine = 0;
  let sourceColumn = 0;
  for (const text of mappings.split(';')) {
    const segments: Segment[] = [];
    let column = 0;
    for (const part of text.split(',')) {
      if (part === '') continue;
      const fields: number[] = [];
      let value = 0;
      let shift = 0;
      for (let i = 0; i < part.length; i++) {
        const digit = DIGITS.indexOf(part[i]!);
        value |= (digit & 31) << shift;
        if (digit & 32) shift += 5;
        else {
          fields.push(value & 1 ? -(value >> 1) : value >> 1);
          value = 0;
          shift = 0;
        }
      }
      column += fields[0] ?? 0;
      if (fields.length < 4) continue;
      sourceLine += fields[2] ?? 0;
      sourceColumn += fields[3] ?? 0;
      segments.push([column, sourceLine, sourceColumn]);
    }
    lines.push(segments);
  }
  return lines;
}

/** File and line of the topmost frame of project code on the present stack; null when there is none. */
export function positionOfCaller(): readonly [string, number] | null {
  const ErrorWithHook = Error as unknown as { prepareStackTrace: unknown; stackTraceLimit: number };
  const { prepareStackTrace, stackTraceLimit } = ErrorWithHook;
  let found: readonly [string, number] | null = null;
  try {
    ErrorWithHook.prepareStackTrace = (_error: Error, sites: readonly CallSite[]) => {
      for (const site of sites) {
        const file = site.getFileName();
        if (file === null || file.startsWith('node_modules/') || !definitionOf(file)) continue;
        const place = sourcePosition(file, site.getLineNumber() ?? 1, site.getColumnNumber() ?? 1);
        if (place === null) continue;
        found = [file, place.line];
        break;
      }
      return '';
    };
    ErrorWithHook.stackTraceLimit = 40;
    void new Error().stack;
  } finally {
    ErrorWithHook.prepareStackTrace = prepareStackTrace;
    ErrorWithHook.stackTraceLimit = stackTraceLimit;
  }
  return found;
}
