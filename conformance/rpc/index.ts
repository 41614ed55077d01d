import { answers } from './answers.ts';
import { sequences } from './sequences.ts';
import type { Script } from './world.ts';

/** Every script by name. */
export const scripts: { readonly [name: string]: Script } = { ...sequences, ...answers };
