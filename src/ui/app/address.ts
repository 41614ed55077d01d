import { deflateSync, inflateSync, strFromU8, strToU8 } from 'fflate';
import type { RunRequest } from '../../protocol/messages.ts';
import { VERSION, type Input } from '../../trace/entries.ts';
import type { TraceModel } from '../../trace/model.ts';

/**
 * What the address says beyond the scenario: `seed=7&variant=two-workers&step=41&beat=crash&run=…`. `run` packs what the learner did: other
 * sources, and the inputs of the branch in their order. Whoever opens the address sees the same run, since these and the seed make it.
 */
export interface Address {
  readonly seed?: number | undefined;
  readonly variant?: string | undefined;
  readonly step?: number | undefined;
  readonly beat?: string | undefined;
  readonly run?: SharedRun | undefined;
}

export interface SharedRun {
  /** Sources that the run starts with, where they differ from the shipped ones. */
  readonly files: RunRequest['files'];
  readonly inputs: readonly SharedInput[];
}

export interface SharedInput {
  /** The step that the input made. */
  readonly step: number;
  readonly input: Input;
  /** Sources that a deploy brings. */
  readonly files?: RunRequest['files'] | undefined;
}

/** A part of an address that says nothing that can be done. */
export interface AddressProblem {
  readonly name: string;
  readonly value: string;
}

const KNOWN: ReadonlySet<string> = new Set(['seed', 'variant', 'step', 'beat', 'run']);

export function readAddress(where: string): { readonly address: Address; readonly problems: readonly AddressProblem[] } {
  const query = new URLSearchParams(where);
  const problems: AddressProblem[] = [];
  const number = (name: string): number | undefined => {
    const value = query.get(name);
    if (value === null) return undefined;
    if (/^\d{1,9}$/.test(value)) return Number(value);
    problems.push({ name, value });
    return undefined;
  };
  // A link at the end of a sentence takes its full stop along.
  const packed = query.get('run')?.replace(/[^\w-]+$/, '') ?? null;
  const run = packed === null ? undefined : unpack(packed);
  if (packed !== null && run === undefined) problems.push({ name: 'run', value: packed.slice(0, 24) });
  for (const [name, value] of query) if (!KNOWN.has(name)) problems.push({ name, value: value.slice(0, 24) });
  return { address: { seed: number('seed'), step: number('step'), variant: query.get('variant') ?? undefined, beat: query.get('beat') ?? undefined, run }, problems };
}

/** The part of the address after the scenario; empty when there is nothing to say. */
export function writeAddress({ seed, variant, step, beat, run }: Address): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ seed, variant, step, beat })) if (value !== undefined) query.set(name, String(value));
  if (run && (run.inputs.length > 0 || Object.keys(run.files).length > 0)) query.set('run', pack(run));
  return query.toString();
}

/** The inputs that made a branch, up to a step. */
export function inputsOf(model: TraceModel, branch: number, until: number, versions: Readonly<Record<string, RunRequest['files']>>): readonly SharedInput[] {
  const inputs: SharedInput[] = [];
  for (let step = 1; step <= until; step += 1)
    for (const { entry } of model.entriesAt(branch, step))
      if (entry.type === 'input') inputs.push({ step, input: entry.input, ...(entry.input.type === 'deploy' ? { files: versions[entry.input.dir] ?? {} } : {}) });
  return inputs;
}

const pack = (run: SharedRun): string => btoa(Array.from(deflateSync(strToU8(JSON.stringify({ version: VERSION, ...run })), { level: 9 }), (byte) => String.fromCharCode(byte)).join('')).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');

/** What the page accepts of an address: some 1 MB of sources, so that a link cannot fill the memory. */
const MAX_CHARACTERS = 1_000_000;

function unpack(text: string): SharedRun | undefined {
  try {
    const bytes = Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (character) => character.charCodeAt(0));
    const json = strFromU8(inflateSync(bytes, { out: new Uint8Array(MAX_CHARACTERS) }));
    const run = JSON.parse(json) as Partial<SharedRun> & { readonly version?: unknown };
    // Inputs are part of the trace's format; the next version of it puts an upgrade here.
    if (run.version !== VERSION) return undefined;
    const texts = (files: unknown): boolean => typeof files === 'object' && files !== null && Object.values(files).every((file) => typeof file === 'string');
    const inputs = (run.inputs ?? []).every((one) => Number.isInteger(one.step) && one.step > 0 && (one.input.type === 'deploy' || typeof one.input.fault === 'object') && (one.files === undefined || texts(one.files)));
    return texts(run.files) && inputs ? { files: run.files ?? {}, inputs: run.inputs ?? [] } : undefined;
  } catch {
    return undefined;
  }
}
