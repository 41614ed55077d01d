/** Verdict of a replay, as `headless replay` prints it. */
export interface ReplayVerdict {
  readonly ok: boolean;
  readonly kind: 'ok' | 'nondeterminism' | 'failure';
  /** What the genuine worker prints after `Nondeterminism error: `, or the failure's text; `` when ok. */
  readonly message: string;
  readonly eventId?: number;
  readonly line?: number;
  readonly file?: string;
}
