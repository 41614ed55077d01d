/** Numbers and strings that carry meaning. A brand costs nothing at run time. */
declare const brand: unique symbol;
type Brand<T, B extends string> = T & { readonly [brand]: B };

/** Milliseconds since the Unix epoch on the virtual clock. */
export type Timestamp = Brand<number, 'Timestamp'>;
/** A span of virtual time in milliseconds. */
export type DurationMs = Brand<number, 'DurationMs'>;
/** The number of a step: how many agenda items have been run, from 1. */
export type Step = Brand<number, 'Step'>;
export type WorkflowId = string;
export type RunId = string;
/** The name of a simulated process: `worker-1`, `client-1`, `service-payments`; the Service itself is `temporal`. */
export type ProcessId = string;

export const timestamp = (ms: number): Timestamp => ms as Timestamp;
export const durationMs = (ms: number): DurationMs => ms as DurationMs;
export const step = (n: number): Step => n as Step;
