import type { RunSetup } from '../trace/entries.ts';
import type { Frame } from '../trace/frame.ts';

/**
 * A scenario: a Temporal project (`project/` beside this), how to run it, and the lesson that goes with it.
 *
 * `scenario.ts` exports one as default. `lesson.en.md` and `lesson.de.md` hold the prose: one section per beat, divided by lines of
 * `---`, in the order of `beats`. A section is
 *
 *     # Heading
 *
 *     Paragraphs with **bold**, *emphasis*, `code` and lists.
 *
 *     ? A question for this beat (optional)
 *     - ( ) an option
 *     - (x) the right option
 *     > What to say once it is answered.
 *
 *     ! Something to try (optional)
 */
export interface Scenario {
  readonly slug: string;
  /** Chapter of the book: 2, 5, 9 or 13. */
  readonly chapter: number;
  /** Sections of the book, such as `2.2.2`. */
  readonly section: string;
  /** Place within the chapter's list. */
  readonly order: number;
  readonly title: Localized;
  /** One sentence: what one will see. */
  readonly summary: Localized;
  readonly seed: number;
  /** The first is the default. */
  readonly variants: readonly Variant[];
  readonly beats: readonly Beat[];
  readonly goals: readonly Goal[];
}

export interface Localized {
  readonly en: string;
  readonly de: string;
}

/** One way to run the scenario. */
export interface Variant extends RunSetup {
  /** `default` for the only one. */
  readonly id: string;
  readonly title: Localized;
}

/** What a cue can look at. */
export interface Moment {
  readonly frame: Frame;
  /** The branch on the screen was forked from another. */
  readonly forked: boolean;
  /** The learner has stepped back at least once. */
  readonly steppedBack: boolean;
}

/** A condition on the moment that is on the screen. */
export type Cue = (moment: Moment) => boolean;

/** One moment of a lesson. */
export interface Beat {
  /** Stable name, unique in the scenario. */
  readonly id: string;
  /** Entering the beat plays on to the first step at which this holds. Without it the cursor stays. */
  readonly playTo?: Cue | undefined;
  /** What the learner is asked to do; its button is marked. */
  readonly invite?: 'play' | 'step' | 'back' | 'crash' | 'restart' | 'shutdown' | 'deploy' | undefined;
  /** Done when this has held once; without it the beat is done when it is read. */
  readonly until?: Cue | undefined;
  /** The view that explains this beat. */
  readonly view?: ViewName | undefined;
}

export type ViewName = 'zipper' | 'sequence' | 'timeline' | 'states' | 'metrics' | 'explain';

/** What the learner should have seen in the end; a test asserts that the scenario reaches it. */
export interface Goal {
  readonly id: string;
  readonly title: Localized;
  readonly reached: Cue;
}
