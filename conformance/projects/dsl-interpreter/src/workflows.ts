import { proxyActivities } from '@temporalio/workflow';
import type { DSL, Statement } from './dsl';

const acts = proxyActivities<Record<string, (...args: string[]) => Promise<string | undefined>>>({ startToCloseTimeout: '1 minute' });

export async function interpret(dsl: DSL): Promise<unknown> {
  const bindings: Record<string, string | undefined> = { ...(dsl.variables as Record<string, string>) };
  await execute(dsl.root, bindings);
  return bindings;
}

async function execute(statement: Statement, bindings: Record<string, string | undefined>): Promise<void> {
  if ('parallel' in statement) await Promise.all(statement.parallel.map((branch) => execute(branch, bindings)));
  else if ('sequence' in statement) for (const next of statement.sequence) await execute(next, bindings);
  else {
    const { name, args = [], result } = statement.activity;
    const value = await acts[name]!(...args.map((arg) => bindings[arg] ?? arg));
    if (result) bindings[result] = value;
  }
}
