import { createContext, useContext, useMemo } from 'react';
import { useStore } from 'zustand';
import type { Frame, RunView } from '../../trace/frame.ts';
import type { Viewer, ViewerState } from './viewer.ts';

const ViewerContext = createContext<Viewer | null>(null);
export const ViewerProvider = ViewerContext.Provider;

export function useViewer(): Viewer {
  const viewer = useContext(ViewerContext);
  if (!viewer) throw new Error('no viewer here');
  return viewer;
}

export function useViewerState<T>(selector: (state: ViewerState) => T): T {
  return useStore(useViewer().store, selector);
}

export const useFrame = (): Frame => useViewerState((state) => state.frame);

/** The run that panes are about: the selected one, else the one that moved last. */
export function useRun(): RunView | undefined {
  const frame = useFrame();
  const selected = useViewerState((state) => state.selectedRun);
  return useMemo(() => focusedRun(frame, selected), [frame, selected]);
}

export function focusedRun(frame: Frame, selected: string | null): RunView | undefined {
  if (selected !== null && frame.runs[selected]) return frame.runs[selected];
  const runs = Object.values(frame.runs);
  return runs.findLast((run) => run.parent === null && run.status === 'RUNNING') ?? runs.findLast((run) => run.parent === null) ?? runs.at(-1);
}

/** The cursor moved on by one step or more on the same branch (and not back): new things may arrive with a movement. */
export const useMovesOn = (): boolean => useViewerState((state) => state.step > state.previous.step);
