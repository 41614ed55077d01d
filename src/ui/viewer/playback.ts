import { assign, setup } from 'xstate';

/**
 * Playing: a step, a pause that fits it, the next step; at the engine's head it waits, at the end of the run it stops.
 * The machine knows no frames: it asks its host what can be done and tells it to move.
 */
export interface PlaybackHost {
  /** The step after the cursor is computed. */
  canAdvance(): boolean;
  /** Moves the cursor on by one. */
  advance(): void;
  /** Nothing can come after the cursor. */
  atEnd(): boolean;
  /** How long the step at the cursor should stay, in real ms at speed 1. */
  dwell(): number;
  /** A stop was asked for and the cursor is there. */
  shouldStop(): boolean;
}

export const SPEEDS = [0.5, 1, 2, 4, 16] as const;

export const playbackMachine = setup({
  types: {
    context: {} as { host: PlaybackHost; speed: number },
    input: {} as { host: PlaybackHost; speed: number },
    events: {} as { type: 'play' } | { type: 'pause' } | { type: 'toggle' } | { type: 'speed'; speed: number } | { type: 'headMoved' },
  },
  delays: {
    dwell: ({ context }) => context.host.dwell() / context.speed,
  },
  guards: {
    atEnd: ({ context }) => context.host.atEnd(),
    shouldStop: ({ context }) => context.host.shouldStop(),
    canAdvance: ({ context }) => context.host.canAdvance(),
  },
  actions: {
    advance: ({ context }) => context.host.advance(),
  },
}).createMachine({
  id: 'playback',
  context: ({ input }) => input,
  initial: 'paused',
  on: { speed: { actions: assign({ speed: ({ event }) => event.speed }) } },
  states: {
    paused: {
      on: { play: { target: 'moving' }, toggle: { target: 'moving' } },
    },
    moving: {
      always: [{ guard: 'atEnd', target: 'paused' }, { guard: 'canAdvance', target: 'dwelling', actions: 'advance' }, { target: 'waiting' }],
    },
    dwelling: {
      on: { pause: 'paused', toggle: 'paused' },
      always: { guard: 'shouldStop', target: 'paused' },
      after: { dwell: 'moving' },
    },
    waiting: {
      on: { pause: 'paused', toggle: 'paused', headMoved: 'moving' },
    },
  },
});
