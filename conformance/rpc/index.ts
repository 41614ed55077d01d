import { answers } from './answers.ts';
import { batches } from './batches.ts';
import { deployments } from './deployments.ts';
import { facts } from './facts.ts';
import { reads } from './reads.ts';
import { sequences } from './sequences.ts';
import { states } from './states.ts';
import type { Script } from './world.ts';

/** Every script by name. */
export const scripts: { readonly [name: string]: Script } = { ...sequences, ...facts, ...states, ...answers, ...reads, ...deployments, ...batches };
