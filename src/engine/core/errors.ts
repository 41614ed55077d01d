/**
 * The two ways in which history and workflow code can fall out with each other. The messages are those of the genuine Core, word
 * for word: people search for them.
 */
export abstract class MachinesError extends Error {
  /** What the genuine Core would have said in full. */
  abstract readonly kind: 'nondeterminism' | 'fatal';
  /** The message without its prefix. */
  readonly detail: string;

  constructor(prefix: string, detail: string) {
    super(`${prefix}: ${detail}`);
    this.detail = detail;
  }
}

/** The code does not do what history says it did. */
export class NondeterminismError extends MachinesError {
  override name = 'NondeterminismError';
  readonly kind = 'nondeterminism';

  constructor(detail: string) {
    super('[TMPRL1100] Nondeterminism error', detail);
  }
}

/** History itself makes no sense. */
export class FatalMachinesError extends MachinesError {
  override name = 'FatalMachinesError';
  readonly kind = 'fatal';

  constructor(detail: string) {
    super('Fatal error in workflow machines', detail);
  }
}
