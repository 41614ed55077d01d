import { assign, setup } from 'xstate';

/** Where the learner is in the lesson: which beat, which answers, which beats' conditions have held. */
export const lessonMachine = setup({
  types: {
    context: {} as { beats: number; beat: number; answers: Readonly<Record<number, number>>; satisfied: readonly number[]; reached: readonly string[] },
    input: {} as { beats: number },
    events: {} as
      | { type: 'next' }
      | { type: 'back' }
      | { type: 'goTo'; beat: number }
      | { type: 'answer'; option: number }
      /** The condition of a beat holds. */
      | { type: 'satisfied'; beat: number }
      /** A goal has been reached; it stays reached. */
      | { type: 'goal'; id: string },
  },
  guards: {
    hasNext: ({ context }) => context.beat + 1 < context.beats,
    hasPrevious: ({ context }) => context.beat > 0,
  },
}).createMachine({
  id: 'lesson',
  context: ({ input }) => ({ beats: input.beats, beat: 0, answers: {}, satisfied: [], reached: [] }),
  initial: 'reading',
  states: {
    reading: {
      on: {
        next: [{ guard: 'hasNext', actions: assign({ beat: ({ context }) => context.beat + 1 }) }, { target: 'finished' }],
        answer: { actions: assign({ answers: ({ context, event }) => ({ ...context.answers, [context.beat]: event.option }) }) },
      },
    },
    finished: {},
  },
  on: {
    back: { guard: 'hasPrevious', target: '.reading', actions: assign({ beat: ({ context }) => context.beat - 1 }) },
    goTo: { target: '.reading', actions: assign({ beat: ({ event }) => event.beat }) },
    satisfied: { actions: assign({ satisfied: ({ context, event }) => (context.satisfied.includes(event.beat) ? context.satisfied : [...context.satisfied, event.beat]) }) },
    goal: { actions: assign({ reached: ({ context, event }) => (context.reached.includes(event.id) ? context.reached : [...context.reached, event.id]) }) },
  },
});
