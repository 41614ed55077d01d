import { assert } from '../../../base/assert.ts';

/** A transition table: state → event → next state. */
export type Table = { readonly [state: string]: { readonly [event: string]: string } };

export interface Machine<T extends Table> {
  readonly name: string;
  readonly table: T;
  /** Rows taken since the program started, as `state event`: tests fail for rows that nothing ever takes. */
  readonly taken: { [row: string]: true };
}

/** Every machine, for the test of taken rows and for diagrams. */
export const machines: Machine<Table>[] = [];

/** Names a table and registers it. */
export function machine<const T extends Table>(name: string, table: T): Machine<T> {
  const made: Machine<T> = { name, table, taken: {} };
  machines.push(made);
  return made;
}

/** The next state. A transition that the table does not have is our bug. */
export function transition(made: Machine<Table>, state: string, event: string): string {
  const next = made.table[state]?.[event];
  assert(next !== undefined, `${made.name}: no transition for ${event} in ${state}`);
  made.taken[`${state} ${event}`] = true;
  return next as string;
}
