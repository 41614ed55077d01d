export type Statement =
  | { activity: { name: string; args?: string[]; result?: string } }
  | { sequence: Statement[] }
  | { parallel: Statement[] };
export interface DSL {
  variables: Record<string, unknown>;
  root: Statement;
}
