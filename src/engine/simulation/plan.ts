import type { ProcessSpec } from '../ports.ts';

/** Which processes a project is run with. */
export interface RunPlan {
  readonly workers: readonly string[];
  /** How many of each worker entry. */
  readonly workersOfEach: number;
  readonly clients: readonly string[];
  readonly clientArgs: readonly string[];
  readonly services: null | { readonly entry: string; readonly names: readonly string[] };
  readonly workflowsOverride?: string | undefined;
  /** Environment of workers and clients. */
  readonly env: { readonly [name: string]: string };
}

/** The processes in their order: services, workers (`worker-1` …), clients (`client-1` …). */
export function planProcesses(plan: RunPlan): ProcessSpec[] {
  const { env, workersOfEach } = plan;
  return [
    ...(plan.services?.names ?? []).map((name): ProcessSpec => ({ id: `service-${name}`, kind: 'service', entry: plan.services?.entry ?? '', serviceName: name, argv: [], env: {} })),
    ...plan.workers
      .flatMap((entry) => Array.from({ length: workersOfEach }, () => entry))
      .map((entry, i): ProcessSpec => ({ id: `worker-${i + 1}`, kind: 'worker', entry, argv: [], env, workflowsOverride: plan.workflowsOverride })),
    ...plan.clients.map((entry, i): ProcessSpec => ({ id: `client-${i + 1}`, kind: 'client', entry, argv: plan.clientArgs, env })),
  ];
}
