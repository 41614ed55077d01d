import { useEffect, useRef } from 'react';
import { tinykeys } from 'tinykeys';

/** What keys can do on a stage. */
export interface KeyActions {
  forward(): void;
  back(): void;
  /** The clicker's two keys: in front of a class they turn the lesson's pages, otherwise they step. */
  clickForward(): void;
  clickBack(): void;
  nextTask(): void;
  first(): void;
  last(): void;
  play(): void;
  pause(): void;
  crash(): void;
  restart(): void;
  timer(): void;
  rows(delta: 1 | -1): void;
  palette(): void;
  fullScreen(): void;
  overview(): void;
  goTo(): void;
  theme(): void;
  help(): void;
}

/**
 * Keys are off where they mean something else: in the editor and other fields, in menus and dialogs; Space on a button presses it,
 * arrows on tabs, sliders and scrolled regions move those.
 */
function isFree(event: KeyboardEvent): boolean {
  const target = event.target instanceof Element ? event.target : document.body;
  if (document.querySelector('[role=dialog], [role=menu]')) return false;
  if (target.closest('input:not([type=range]):not([type=checkbox]), textarea, select, [contenteditable=true], [data-editor]')) return false;
  if (target.closest('[role=tablist], [role=separator], [role=radiogroup]') && event.key.startsWith('Arrow')) return false;
  if (event.key === ' ' && target.closest('button, a, summary, input, [role=tab]')) return false;
  return true;
}

/** Binds the keys of the stage. PageUp, PageDown and `.` are what presentation clickers send. */
export function useKeys(actions: KeyActions): void {
  const latest = useRef(actions);
  useEffect(() => {
    latest.current = actions;
  });
  useEffect(() => {
    const when =
      (act: (actions: KeyActions) => void) =>
      (event: KeyboardEvent): void => {
        if (event.defaultPrevented || !isFree(event)) return;
        event.preventDefault();
        act(latest.current);
      };
    return tinykeys(
      window,
      {
        ArrowRight: when((a) => a.forward()),
        Space: when((a) => a.forward()),
        PageDown: when((a) => a.clickForward()),
        ArrowLeft: when((a) => a.back()),
        'Shift+Space': when((a) => a.back()),
        PageUp: when((a) => a.clickBack()),
        'Shift+ArrowRight': when((a) => a.nextTask()),
        Home: when((a) => a.first()),
        End: when((a) => a.last()),
        p: when((a) => a.play()),
        '.': when((a) => a.pause()),
        x: when((a) => a.crash()),
        r: when((a) => a.restart()),
        t: when((a) => a.timer()),
        j: when((a) => a.rows(1)),
        k: when((a) => a.rows(-1)),
        '$mod+k': (event) => {
          event.preventDefault();
          latest.current.palette();
        },
        f: when((a) => a.fullScreen()),
        o: when((a) => a.overview()),
        g: when((a) => a.goTo()),
        d: when((a) => a.theme()),
        'Shift+?': when((a) => a.help()),
        '?': when((a) => a.help()),
      },
      { capture: true },
    );
  }, []);
}
