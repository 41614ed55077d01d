import { createActor, type Actor } from 'xstate';
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { BranchInfo, Notice, Requests, RunRequest } from '../../protocol/messages.ts';
import type { CompileError } from '../../api/sandbox.ts';
import type { EngineClient } from '../../client/engine-client.ts';
import type { Input } from '../../trace/entries.ts';
import type { Frame } from '../../trace/frame.ts';
import { TraceModel } from '../../trace/model.ts';
import type { Cue, Moment, Scenario, ViewName } from '../../scenarios/types.ts';
import { lessonMachine } from './lesson.ts';
import { playbackMachine } from './playback.ts';
import { isTimerStep, nextStep, startsWorkflowTask, StepKinds, stepWeight } from './steps.ts';

/**
 * The viewer of one simulation. What is kept is identity only: which branch, which step, what is selected. All that panes show is
 * derived from the trace model and the cursor.
 */
export interface ViewerState {
  /** What runs; null before the first load. */
  readonly request: RunRequest | null;
  /** The scenario's variant that runs. */
  readonly variant: string;
  readonly status: 'loading' | 'ready' | 'failed';
  /** Why the project could not be loaded; the run before it stays on screen. */
  readonly errors: readonly CompileError[];
  /** Sources that differ from the shipped ones, by the `dir` of the processes that run them; '' is what the run started with. */
  readonly versions: Readonly<Record<string, RunRequest['files']>>;
  readonly model: TraceModel;
  /** Grows when the model does. */
  readonly version: number;
  readonly branches: readonly BranchInfo[];
  readonly branch: number;
  readonly step: number;
  readonly frame: Frame;
  /** Where the cursor was before: tells whether time went on by one, jumped, or went back. */
  readonly previous: { readonly branch: number; readonly step: number };
  readonly steppedBack: boolean;
  readonly playing: boolean;
  readonly speed: number;
  readonly selectedRun: string | null;
  readonly selectedEvent: string | null;
  readonly view: ViewName;
  readonly beat: number;
  readonly lessonFinished: boolean;
  readonly answers: Readonly<Record<number, number>>;
  readonly satisfiedBeats: readonly number[];
  readonly reachedGoals: readonly string[];
  /** A replay shown line by line: how many of the executed lines of this step's activations are shown; null when all are. */
  readonly slowMotion: number | null;
}

/** The line to the engine on the other side. */
export type EngineLink = EngineClient;

export interface Viewer {
  readonly store: StoreApi<ViewerState>;
  readonly kinds: StepKinds;
  /** Runs a scenario from its start. Another variant or seed of the same one keeps the lesson where it is. */
  load(scenario: Scenario, seed: number, variant?: string, files?: RunRequest['files']): Promise<Requests['load']['response']>;
  /** Starts the lesson at a beat, and plays to where the beats before it would have led. */
  startAtBeat(id: string): void;
  /** Puts the cursor on a step (held within what is known). */
  goTo(step: number, branch?: number): void;
  /** As `goTo` on the branch on screen, once the engine has come that far or has ended; resolves with the step that it is. */
  reach(step: number): Promise<number>;
  /** Puts the cursor on the last step; while the engine is still on its way there, it follows once. */
  goToLast(): Promise<void>;
  stepBy(delta: number): void;
  nextWorkflowTask(): void;
  nextTimer(): void;
  play(): void;
  pause(): void;
  togglePlay(): void;
  /** Plays to the first step, after the cursor, at which the cue holds. */
  playTo(cue: Cue): void;
  /** Leaps to where playing would stop: to the asked-for moment, or to the last step that is known. */
  hurry(): void;
  setSpeed(speed: number): void;
  /** Sends an input at the cursor, then shows what it does. */
  intent(input: Input, files?: Readonly<Record<string, string>>): Promise<Requests['input']['response']>;
  select(part: Partial<Pick<ViewerState, 'selectedRun' | 'selectedEvent' | 'view' | 'slowMotion'>>): void;
  nextBeat(): void;
  previousBeat(): void;
  goToBeat(beat: number): void;
  answer(option: number): void;
  dismissErrors(): void;
  /** Takes in what the engine tells, until the returned function is called. */
  listen(): () => void;
}

/** The engine runs so many steps ahead of the cursor. */
const AHEAD = 1_000;
/** How long a line of a replay in slow motion stays, at speed 1. */
const SLOW_LINE_MS = 620;
const BASE_DWELL_MS = [130, 360, 620, 1_300] as const;
/** Polls are many and alike; a lead-in only has to be seen to move. */
const POLL_MS = 40;

/** The visitor has asked for less movement. */
const calm = (): boolean => typeof matchMedia === 'function' && matchMedia('(prefers-reduced-motion: reduce)').matches;

export function createViewer(link: EngineLink): Viewer {
  const empty = new TraceModel();
  empty.setBranch({ id: 0, parent: null, forkStep: 0, label: '', ended: null });
  const store = createStore<ViewerState>(() => ({
    request: null,
    variant: '',
    status: 'loading',
    errors: [],
    versions: {},
    model: empty,
    version: 0,
    branches: [],
    branch: 0,
    step: 0,
    frame: empty.frameAt(0, 0),
    previous: { branch: 0, step: 0 },
    steppedBack: false,
    playing: false,
    speed: 1,
    selectedRun: null,
    selectedEvent: null,
    view: 'zipper',
    beat: 0,
    lessonFinished: false,
    answers: {},
    satisfiedBeats: [],
    reachedGoals: [],
    slowMotion: null,
  }));
  let kinds = new StepKinds();
  let scenario: Scenario | null = null;
  let run = -1;
  let stopAt: Cue | null = null;
  /** Playing only brings one to where a lesson begins. */
  let leadsIn = false;
  let lesson: Actor<typeof lessonMachine> | null = null;
  /** The furthest beat that the learner's own doing has led to: each is entered once that way. */
  let advanced = 0;
  /** Where each beat of this run was left: who turns the lesson's pages sees the moments that they are about. */
  const places = new Map<number, { readonly branch: number; readonly step: number }>();

  const moment = (state: ViewerState): Moment => ({ frame: state.frame, forked: state.branch !== 0, steppedBack: state.steppedBack });
  const ended = (state: ViewerState): boolean => state.branches.find((branch) => branch.id === state.branch)?.ended != null;

  const playback = createActor(playbackMachine, {
    input: {
      speed: 1,
      host: {
        atEnd: () => {
          const state = store.getState();
          return state.step >= state.model.head(state.branch) && ended(state);
        },
        canAdvance: () => {
          const state = store.getState();
          return state.step < state.model.head(state.branch);
        },
        advance: () => {
          const state = store.getState();
          moveTo(state.branch, state.step + 1);
          slowDown();
        },
        dwell: () => {
          const state = store.getState();
          const kind = kinds.of(state.model, state.branch)[state.step] ?? 'delivery';
          if (leadsIn || kind === 'poll') return POLL_MS;
          const base = BASE_DWELL_MS[stepWeight[kind]] ?? 400;
          return base + (state.slowMotion === null ? 0 : SLOW_LINE_MS * replayedLines(state));
        },
        shouldStop: () => stopAt?.(moment(store.getState())) ?? false,
      },
    },
  });
  playback.subscribe((snapshot) => {
    const playing = !snapshot.matches('paused');
    if (!playing) {
      stopAt = null;
      leadsIn = false;
    }
    store.setState({ playing, speed: snapshot.context.speed });
  });
  playback.start();

  function moveTo(branch: number, step: number, turnsPage = false): void {
    const state = store.getState();
    const to = Math.max(0, Math.min(step, state.model.head(branch)));
    if (branch === state.branch && to === state.step) return;
    const frame = state.model.frameAt(branch, to);
    store.setState({
      branch,
      step: to,
      frame,
      previous: { branch: state.branch, step: state.step },
      steppedBack: state.steppedBack || (!turnsPage && branch === state.branch && to < state.step),
      selectedRun: state.selectedRun !== null && frame.runs[state.selectedRun] ? state.selectedRun : null,
      slowMotion: null,
    });
    if (to > state.model.head(branch) - 200 && !ended(store.getState())) void link.runTo(branch, to + AHEAD).catch(() => {});
    observe();
  }

  /** Code lines that a replay ran in the step at the cursor; 0 when none did. */
  function replayedLines({ model, branch, step }: ViewerState): number {
    const activations = model.entriesAt(branch, step).flatMap(({ entry }) => (entry.type === 'activation' ? [entry] : []));
    return activations.some((entry) => entry.replaying) ? activations.reduce((sum, entry) => sum + entry.lines.length, 0) : 0;
  }

  /** A replay that one has come upon in order, not by a jump, shows its lines one by one. */
  function slowDown(): void {
    if (replayedLines(store.getState()) > 1 && !calm()) store.setState({ slowMotion: 1 });
  }
  let slowTimer: ReturnType<typeof setTimeout> | undefined;
  store.subscribe(({ slowMotion }, before) => {
    if (slowMotion === before.slowMotion) return;
    clearTimeout(slowTimer);
    if (slowMotion === null) return;
    const next = slowMotion + 1;
    slowTimer = setTimeout(() => store.setState((state) => ({ slowMotion: next >= replayedLines(state) ? null : next })), SLOW_LINE_MS / store.getState().speed);
  });

  /** Tells the lesson what holds now. */
  function observe(): void {
    if (!scenario || !lesson) return;
    const now = moment(store.getState());
    const { beat } = lesson.getSnapshot().context;
    const { beats, goals } = scenario;
    for (const goal of goals) if (goal.reached(now)) lesson.send({ type: 'goal', id: goal.id });
    // Whoever does what this beat, or a later one, asks for has gone on in the lesson.
    const done = beats.findLastIndex((one, index) => index >= beat && one.invite !== undefined && one.until?.(now) === true);
    if (done >= 0) lesson.send({ type: 'satisfied', beat: done });
    else if (beats[beat]?.until?.(now)) lesson.send({ type: 'satisfied', beat });
    if (done >= 0 && done + 1 < beats.length && advanced < done + 1) {
      advanced = done + 1;
      places.set(beat, store.getState().previous);
      lesson.send({ type: 'goTo', beat: advanced });
      enterBeat();
    }
  }

  function enterBeat(): void {
    const beat = scenario?.beats[store.getState().beat];
    if (!beat) return;
    if (beat.view) store.setState({ view: beat.view });
    if (beat.playTo) playTo(beat.playTo);
    observe();
  }

  /** Shows the moment at which the beat was left before, if it was. */
  function revisit(): boolean {
    const { beat, model } = store.getState();
    const place = places.get(beat);
    if (!place || !model.has(place.branch)) return false;
    playback.send({ type: 'pause' });
    const view = scenario?.beats[beat]?.view;
    if (view) store.setState({ view });
    moveTo(place.branch, place.step, true);
    return true;
  }

  function leaveBeat(): void {
    const { beat, branch, step } = store.getState();
    places.set(beat, { branch, step });
  }

  function playTo(cue: Cue): void {
    if (cue(moment(store.getState()))) return;
    stopAt = cue;
    playback.send({ type: 'play' });
  }

  function onNotice(notice: Notice): void {
    if (notice.run < run) return;
    if (notice.run > run) {
      run = notice.run;
      const model = new TraceModel();
      kinds = new StepKinds();
      places.clear();
      store.setState({ model, branch: 0, step: 0, previous: { branch: 0, step: 0 }, steppedBack: false, selectedRun: null, selectedEvent: null, slowMotion: null });
    }
    const { model, branch, step } = store.getState();
    for (const info of notice.branches) if (info.parent === null || model.has(info.parent)) model.setBranch(info);
    model.append(notice.branchId, notice.fromStep, notice.entries);
    store.setState({ version: model.version, branches: notice.branches, frame: model.frameAt(branch, step), status: 'ready' });
    playback.send({ type: 'headMoved' });
  }
  const api: Viewer = {
    store,
    get kinds() {
      return kinds;
    },
    async load(next, seed, wanted, files = {}) {
      playback.send({ type: 'pause' });
      store.setState({ status: 'loading', errors: [] });
      const variant = next.variants.find((one) => one.id === wanted) ?? next.variants[0];
      const { id = 'default', title: _title, ...setup } = variant ?? {};
      const request: RunRequest = { slug: next.slug, seed, setup, files };
      const response = await link.load(request);
      if (!response.ok) {
        store.setState({ status: 'failed', errors: response.errors });
        return response;
      }
      const sameLesson = scenario?.slug === next.slug && lesson !== null;
      scenario = next;
      store.setState({ request, variant: id, status: 'ready', versions: { '': files } });
      if (sameLesson) return response;
      lesson?.stop();
      advanced = 0;
      lesson = createActor(lessonMachine, { input: { beats: Math.max(1, next.beats.length) } });
      lesson.subscribe(({ context, value }) => {
        store.setState({ beat: context.beat, answers: context.answers, satisfiedBeats: context.satisfied, reachedGoals: context.reached, lessonFinished: value === 'finished' });
      });
      lesson.start();
      store.setState({ beat: 0, answers: {}, satisfiedBeats: [], reachedGoals: [], lessonFinished: false });
      enterBeat();
      return response;
    },
    startAtBeat(id) {
      const beat = scenario?.beats.findIndex((one) => one.id === id) ?? -1;
      if (!scenario || beat < 0) return;
      lesson?.send({ type: 'goTo', beat });
      enterBeat();
      const led = scenario.beats.slice(0, beat + 1).findLast((one) => one.playTo)?.playTo;
      if (!led) return;
      playTo(led);
      leadsIn = store.getState().playing;
    },
    goTo(step, branch = store.getState().branch) {
      playback.send({ type: 'pause' });
      moveTo(branch, step);
    },
    async reach(step) {
      const { branch } = store.getState();
      await known(branch, step);
      playback.send({ type: 'pause' });
      moveTo(branch, step);
      return store.getState().step;
    },
    async goToLast() {
      const { branch, model } = store.getState();
      const head = model.head(branch);
      api.goTo(head);
      await known(branch, head + AHEAD);
      const now = store.getState();
      if (now.branch === branch && now.step === head && now.model === model && !now.playing) moveTo(branch, head + AHEAD);
    },
    stepBy(delta) {
      playback.send({ type: 'pause' });
      const { branch, step, model } = store.getState();
      if (step + delta > model.head(branch) && !ended(store.getState())) return void api.reach(step + delta); // the engine is not there yet
      moveTo(branch, step + delta);
      if (delta > 0) slowDown();
    },
    nextWorkflowTask() {
      jump(startsWorkflowTask);
    },
    nextTimer() {
      jump(isTimerStep);
    },
    play: () => playback.send({ type: 'play' }),
    pause: () => playback.send({ type: 'pause' }),
    togglePlay: () => playback.send({ type: 'toggle' }),
    playTo,
    hurry() {
      const state = store.getState();
      const cue = stopAt;
      playback.send({ type: 'pause' });
      const head = state.model.head(state.branch);
      let to = state.step;
      while (to < head && !(to > state.step && cue?.({ ...moment(state), frame: state.model.frameAt(state.branch, to) }))) to += 1;
      moveTo(state.branch, to);
      slowDown();
    },
    setSpeed: (speed) => playback.send({ type: 'speed', speed }),
    async intent(input, files) {
      const wasPlaying = store.getState().playing;
      playback.send({ type: 'pause' });
      const state = store.getState();
      const response = await link.input(state.branch, state.step, input, files);
      if (!response.ok) {
        store.setState({ errors: response.errors });
        return response;
      }
      store.setState({ errors: [], versions: response.dir === null ? state.versions : { ...state.versions, [response.dir]: files ?? {} } });
      await known(response.branchId, response.step);
      // From here on it is another story: later beats are entered anew, by what is done as well.
      const { beat: current } = store.getState();
      advanced = Math.min(advanced, current);
      for (const later of [...places.keys()].filter((one) => one > current)) places.delete(later);
      moveTo(response.branchId, response.step);
      // The learner wants to see what comes of it; a lesson may have asked for a place to stop.
      const beat = scenario?.beats[store.getState().beat];
      if (wasPlaying && !beat?.invite) playback.send({ type: 'play' });
      return response;
    },
    select: (part) => store.setState(part),
    nextBeat() {
      leaveBeat();
      lesson?.send({ type: 'next' });
      if (!store.getState().lessonFinished && !revisit()) enterBeat();
    },
    previousBeat() {
      leaveBeat();
      lesson?.send({ type: 'back' });
      revisit();
      observe();
    },
    goToBeat(beat) {
      lesson?.send({ type: 'goTo', beat });
      enterBeat();
    },
    answer: (option) => lesson?.send({ type: 'answer', option }),
    dismissErrors: () => store.setState({ errors: [] }),
    listen() {
      const stop = link.onTrace(onNotice);
      return () => {
        stop();
        clearTimeout(slowTimer);
        playback.send({ type: 'pause' });
      };
    },
  };
  return api;

  function jump(wanted: Parameters<typeof nextStep>[3]): void {
    playback.send({ type: 'pause' });
    const state = store.getState();
    const found = nextStep(state.model, state.branch, state.step, wanted);
    moveTo(state.branch, found ?? state.model.head(state.branch));
    slowDown();
  }

  /** Waits until a step of a branch is there; the notice usually comes before the response. */
  function known(branch: number, step: number): Promise<void> {
    const there = (): boolean => {
      const { model, branches } = store.getState();
      return model.has(branch) && (model.head(branch) >= step || branches.some((one) => one.id === branch && one.ended !== null && one.headStep <= model.head(branch)));
    };
    if (there()) return Promise.resolve();
    void link.runTo(branch, step).catch(() => {});
    return new Promise((resolve) => {
      const stop = store.subscribe(() => {
        if (!there()) return;
        stop();
        resolve();
      });
    });
  }
}
