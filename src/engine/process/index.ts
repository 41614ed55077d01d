import type { ProcessHost, ProcessPort, ProcessSpec } from '../ports.ts';
import { ExternalServiceProcess } from './external-service.ts';
import { Process } from './process.ts';
import { WorkerProcess } from './worker/index.ts';

/** A process of the simulated world, not yet started. */
export function createProcess(spec: ProcessSpec, host: ProcessHost): ProcessPort {
  if (spec.kind === 'worker') return new WorkerProcess(spec, host);
  if (spec.kind === 'service') return new ExternalServiceProcess(spec, host);
  return new Process(spec, host);
}
