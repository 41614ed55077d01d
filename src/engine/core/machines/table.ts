/** A transition: where it leads (one of several when the action decides) and what is done. */
export interface Row<State extends string, Action extends string> {
  readonly to: State | readonly State[];
  readonly does?: Action | undefined;
}

/** State machine as data: state, event, transition. What is not in the table can't happen. */
export type Table<State extends string, Event extends string, Action extends string = never> = {
  readonly [S in State]: { readonly [E in Event]?: Row<State, Action> };
};

/** A table whose names are not known here. */
export type AnyTable = { readonly [state: string]: { readonly [event: string]: Row<string, string> | undefined } };

/** Called with each transition taken; tests use it to find rows that nothing covers. */
let observer: ((machine: string, state: string, event: string, to: string) => void) | null = null;

/** Tells tests of every transition; null ends it. */
export function observeTransitions(to: typeof observer): void {
  observer = to;
}

/** Reports a transition that was taken. */
export function taken(machine: string, state: string, event: string, to: string): void {
  if (observer !== null) observer(machine, state, event, to);
}

/** No transition leads out of it: the machine is done and its command has not to be sent (again). */
export function isFinal(table: AnyTable, state: string): boolean {
  for (const _event in table[state]) return false;
  return true;
}

/** The table as a mermaid state diagram. */
export function mermaid(table: AnyTable): string {
  const lines = ['stateDiagram-v2', `  [*] --> ${Object.keys(table)[0]}`];
  for (const [state, rows] of Object.entries(table)) {
    for (const [event, row] of Object.entries(rows)) for (const to of [row?.to ?? []].flat()) lines.push(`  ${state} --> ${to}: ${event}`);
    if (isFinal(table, state)) lines.push(`  ${state} --> [*]`);
  }
  return lines.join('\n');
}
