import type { RunId } from '../../../base/brand.ts';

/**
 * Opaque tokens that a caller brings back. They are bytes in the API, base64 text in proto3 JSON; ours are made of base64's own
 * letters, a multiple of four long, so that nothing needs encoding and every trip through bytes gives the same text.
 */
export type TokenKind = 'wftk' | 'actk' | 'qytk' | 'hist' | 'list';

export interface Token {
  readonly kind: TokenKind;
  readonly runId: RunId;
  /** Workflow Task: scheduled and started event, attempt. Activity: scheduled event, attempt, stamp. History: next index, end, 0. */
  readonly numbers: readonly [number, number, number];
}

const pad = (n: number): string => String(n).padStart(8, '0');

export function makeToken(kind: TokenKind, runId: RunId, a: number, b: number, c: number): string {
  return kind + runId.replaceAll('-', '') + pad(a) + pad(b) + pad(c);
}

/** Null when the text is no token of this kind. */
export function readToken(kind: TokenKind, text: string | undefined): Token | null {
  if (!text || text.length !== 60 || !text.startsWith(kind)) return null;
  const hex = text.slice(4, 36);
  const runId = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  return { kind, runId, numbers: [Number(text.slice(36, 44)), Number(text.slice(44, 52)), Number(text.slice(52, 60))] };
}
