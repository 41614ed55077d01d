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
}

/** A place in the project's source. `line` and `column` from 1. */
export interface SourcePosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

type Segment = readonly [column: number, sourceLine: number, sourceColumn: number];
const decoded = new Map<string, readonly (readonly Segment[])[]>();

/** Installs the formatter. Has to run before any code that throws. */
export function installStackTraces(): void {
  const ErrorWithHook = Error as unknown as { stackTraceLimit: number; prepareStackTrace: (error: Error, sites: readonly CallSite[]) => string };
  ErrorWithHook.stackTraceLimit = 32; // frames of lowered code are left out, so that ten remain
  // What is written over a stack is no more to be seen by `Object.keys` and JSON than in V8.
  const { get } = Object.getOwnPropertyDescriptor(Error.prototype, 'stack') ?? {};
  if (get) {
    const ANY = 'All promises were rejected';
    // `Promise.any` makes its error without message and stack.
    Object.defineProperty(AggregateError.prototype, 'message', {
      get(this: object): string {
        return get.call(this) === undefined && this !== AggregateError.prototype ? ANY : '';
      },
      set(this: object, value: unknown) {
        Object.defineProperty(this, 'message', { value, writable: true, enumerable: false, configurable: true });
      },
      enumerable: false, configurable: true,
    });
    Object.defineProperty(Error.prototype, 'stack', {
      get(this: object): unknown {
        return get.call(this) ?? (this instanceof AggregateError ? `AggregateError: ${ANY}` : undefined);
      },
      enumerable: false, configurable: true,
      set(this: object, value: unknown) {
        Object.defineProperty(this, 'stack', { value, writable: true, enumerable: false, configurable: true });
      },
    });
  }
  ErrorWithHook.prepareStackTrace = (error, sites) => {
    let head: string;
    translate(error, sites);
    try {
      head = Error.prototype.toString.call(error);
    } catch {
      head = 'Error';
    }
    let text = head;
    let shown = 0;
    for (const site of sites) {
      const frame = describe(site);
      if (frame === null || (shown === 0 && CONSTRUCTOR.test(frame))) continue;
      text += `\n    at ${frame}`;
      if (++shown === 10) break;
    }
    return text;
  };
}

/** What the engine itself throws; never a plain `Error`, and no class of the project's. */
const ENGINE_ERRORS: ReadonlySet<unknown> = new Set([TypeError, RangeError, ReferenceError, SyntaxError, URIError].map((type) => type.prototype));

/** Gives an error that the engine threw V8's message. One that the project makes keeps its words, even if they are the engine's. */
function translate(error: Error, sites: readonly CallSite[]): void {
  const own = Object.getOwnPropertyDescriptor(error, 'message')?.value as unknown;
  if (typeof own !== 'string' || !ENGINE_ERRORS.has(Object.getPrototypeOf(error))) return;
  const place = placeOf(sites[0]);
  const message = v8Message(own, place);
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

/** Functions of async.ts and of lowered async functions: Node would not show them. */
const MACHINERY = new Set(['Promise', 'Wrapped', 'promiseReaction', 'promiseFulfilled', 'lowered', 'asyncStep', 'asyncResumed', 'asyncFulfilled', 'asyncRejected', 'next', 'throw', 'return', '__async', 'withoutFrame']);
/** Constructors of the SDK's errors, on top of a stack: V8 leaves them out. */
const CONSTRUCTOR = /^[A-Z]\w* \((?:workflow|process)\.js:/;

/** A frame as Node writes it; null for one that it would not have. */
function describe(site: CallSite): string | null {
  const name = site.getFunctionName();
  const file = site.getFileName();
  const line = site.getLineNumber();
  const column = site.getColumnNumber() ?? 1;
  if ((name !== null && MACHINERY.has(name)) || file === 'prelude.js') return null;
  if (file === null || line === null || site.isNative()) return name ? `${name} (<anonymous>)` : '<anonymous>';
  let place = `${file}:${line}:${column}`;
  if (definitionOf(file)) {
    const source = sourcePosition(file, line, column);
    if (source === null) return null; // a helper that the compiler put in
    place = `${projectRoot}${source.file}:${source.line}:${source.column}`;
  }
  return name ? `${name} (${place})` : place;
}

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
