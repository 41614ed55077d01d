import type { ProcessHost, ProcessPort, ProcessSpec } from '../ports.ts';
import { ExternalServiceProcess } from './external-service.ts';
import { WorkerProcess } from './worker/index.ts';

/** A process of the simulated world, not yet started. Clients may create workers too: small programs do both in one file. */
export function createProcess(spec: ProcessSpec, host: ProcessHost): ProcessPort {
  return spec.kind === 'service' ? new ExternalServiceProcess(spec, host) : new WorkerProcess(spec, host);
}
