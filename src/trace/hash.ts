import { encoder } from '../base/utf8.ts';
import type { TraceEntry } from './entries.ts';

/**
 * A running 64-bit hash over trace entries, to compare runs (two lanes in the manner of MurmurHash3; not for security). It belongs to
 * those who want to compare: the engine hashes nothing, as to write a trace down costs a fifth of what it takes to simulate it.
 */
export class TraceHash {
  #a = 0x9747b28c;
  #b = 0x3c6ef372;
  /** Bytes of UTF-8, and one for each step. */
  #length = 0;

  /** @param entries of one step: where a step ends counts, too */
  add(entries: readonly TraceEntry[]): void {
    const { words, length } = encode(JSON.stringify(entries));
    let a = this.#a;
    let b = this.#b;
    for (let i = 0; i < (length + 3) >> 2; i += 2) {
      a = Math.imul(a ^ (words[i] as number), 0xcc9e2d51);
      b = Math.imul(b ^ (words[i + 1] as number), 0x1b873593);
      a = (a << 13) | (a >>> 19);
      b = (b << 15) | (b >>> 17);
    }
    this.#a = Math.imul(a ^ b ^ 0x2c, 0x85ebca6b);
    this.#b = Math.imul(b ^ (this.#a >>> 15) ^ 0x2c, 0xc2b2ae35);
    this.#length += length + 1;
  }

  /** 16 hexadecimal digits. */
  get digest(): string {
    return [this.#a, this.#b].map((lane) => mixed(lane ^ this.#length).toString(16).padStart(8, '0')).join('');
  }
}

function mixed(lane: number): number {
  let x = Math.imul(lane ^ (lane >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

let words = new Int32Array(8_192);
let bytes = new Uint8Array(words.buffer);

/** Words of a text's UTF-8, zeros behind them: a run's trace is megabytes, and to ask for each character takes four times as long. */
function encode(text: string): { readonly words: Int32Array; readonly length: number } {
  const most = text.length * 3 + 8;
  if (most > bytes.length) {
    words = new Int32Array(most >> 1);
    bytes = new Uint8Array(words.buffer);
  }
  const { written } = encoder.encodeInto(text, bytes);
  bytes.fill(0, written, written + 8);
  return { words, length: written };
}
