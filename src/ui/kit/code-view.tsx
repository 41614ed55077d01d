import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { javascript } from '@codemirror/lang-javascript';
import { HighlightStyle, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, setDiagnostics } from '@codemirror/lint';
import { EditorState, RangeSet, StateEffect, StateField, type Extension, type Range } from '@codemirror/state';
import { Decoration, drawSelection, EditorView, gutter, GutterMarker, highlightActiveLine, keymap, lineNumbers, WidgetType } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useEffect, useRef } from 'react';

/** What is to be said about a line of code at this step. */
export interface LineMark {
  readonly line: number;
  readonly kind: 'executing' | 'waiting' | 'replayed' | 'ran' | 'error';
  /** At the right: `#5 ✓`. */
  readonly note?: string | undefined;
  /** After the end of the line: what the code got there, such as `"item 4711"`. */
  readonly value?: string | undefined;
}

const SIGNS: Readonly<Record<LineMark['kind'], string>> = { executing: '▶', waiting: '⏸', replayed: '↺', ran: '·', error: '✕' };
/** Drawn, because fonts differ in what they make of these signs. */
const DRAWN: Readonly<Record<string, string>> = {
  '▶': 'M4 2.500v11l9-5.500z',
  '⏸': 'M4 3h3v10H4zM9 3h3v10H9z',
};

class SignMarker extends GutterMarker {
  readonly sign: string;
  readonly kind: string;
  constructor(sign: string, kind: string) {
    super();
    this.sign = sign;
    this.kind = kind;
  }
  override eq(other: SignMarker): boolean {
    return other.sign === this.sign && other.kind === this.kind;
  }
  override toDOM(): Node {
    const element = document.createElement('span');
    const path = DRAWN[this.sign];
    if (path === undefined) element.textContent = this.sign;
    else element.innerHTML = `<svg width="10" height="10" viewBox="0 0 16 16"><path fill="currentColor" d="${path}"/></svg>`;
    element.className = `cm-sign cm-sign-${this.kind}`;
    return element;
  }
}

/** A value that the code received, shown after its line. It is no part of the text. */
class ValueWidget extends WidgetType {
  readonly text: string;
  constructor(text: string) {
    super();
    this.text = text;
  }
  override eq(other: ValueWidget): boolean {
    return other.text === this.text;
  }
  override toDOM(): HTMLElement {
    const element = document.createElement('span');
    element.className = 'cm-value';
    element.textContent = this.text;
    return element;
  }
}

interface Marks {
  readonly lines: RangeSet<Decoration>;
  readonly signs: RangeSet<GutterMarker>;
  readonly notes: RangeSet<GutterMarker>;
}

const setMarks = StateEffect.define<readonly LineMark[]>();

const marksField = StateField.define<Marks>({
  create: () => ({ lines: Decoration.none, signs: RangeSet.empty, notes: RangeSet.empty }),
  update(marks, transaction) {
    for (const effect of transaction.effects) if (effect.is(setMarks)) return build(transaction.state, effect.value);
    return transaction.docChanged
      ? { lines: marks.lines.map(transaction.changes), signs: marks.signs.map(transaction.changes), notes: marks.notes.map(transaction.changes) }
      : marks;
  },
  provide: (field) => EditorView.decorations.from(field, (marks) => marks.lines),
});

function build(state: EditorState, marks: readonly LineMark[]): Marks {
  const lines: Range<Decoration>[] = [];
  const signs: Range<GutterMarker>[] = [];
  const notes: Range<GutterMarker>[] = [];
  for (const mark of [...marks].sort((a, b) => a.line - b.line)) {
    if (mark.line < 1 || mark.line > state.doc.lines) continue;
    const { from, to } = state.doc.line(mark.line);
    lines.push(Decoration.line({ class: `cm-mark-${mark.kind}` }).range(from));
    signs.push(new SignMarker(SIGNS[mark.kind], mark.kind).range(from));
    if (mark.note) notes.push(new SignMarker(mark.note, mark.kind).range(from));
    if (mark.value !== undefined) lines.push(Decoration.widget({ widget: new ValueWidget(mark.value), side: 1 }).range(to));
  }
  return { lines: Decoration.set(lines, true), signs: RangeSet.of(signs), notes: RangeSet.of(notes) };
}

const look = EditorView.theme({
  '&': { fontSize: '0.88rem', backgroundColor: 'transparent', color: 'var(--ink)', height: '100%', maxHeight: 'inherit' },
  '.cm-scroller': { fontFamily: 'var(--font-mono)', lineHeight: '1.62', overflow: 'auto' },
  '.cm-content': { padding: '6px 0', caretColor: 'var(--ink)' },
  '.cm-gutters': { backgroundColor: 'var(--panel)', color: 'var(--dim)', border: 'none' },
  '.cm-gutters.cm-gutters-after': { border: 'none' },
  '.cm-lineNumbers .cm-gutterElement': { padding: '0 2px 0 2px', minWidth: '1.5rem' },
  '.cm-signs': { width: '1.2rem', textAlign: 'center' },
  '.cm-notes .cm-gutterElement': { padding: '0 8px 0 4px', fontSize: '0.82rem' },
  '.cm-line': { padding: '0 6px 0 2px' },
  '.cm-activeLine': { backgroundColor: 'transparent' },
  '&.cm-focused': { outline: 'none' },
  '.cm-content:focus-visible': { outline: '2px solid var(--run)', outlineOffset: '-2px' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '.cm-selectionBackground, &.cm-focused .cm-selectionBackground': { backgroundColor: 'color-mix(in srgb, var(--run) 30%, transparent) !important' },
  '.cm-value': { marginLeft: '1.2em', padding: '0 5px', borderRadius: '4px', border: '1px solid var(--line)', backgroundColor: 'var(--raised)', color: 'var(--ink)', fontSize: '0.92em' },
  '.cm-mark-replayed': { backgroundColor: 'color-mix(in srgb, var(--done) 10%, transparent)' },
  '.cm-mark-waiting': { backgroundColor: 'color-mix(in srgb, var(--run) 16%, transparent)', boxShadow: 'inset 3px 0 var(--run)' },
  '.cm-mark-executing': { backgroundColor: 'color-mix(in srgb, var(--timer) 18%, transparent)', boxShadow: 'inset 3px 0 var(--timer)' },
  '.cm-mark-error': { backgroundColor: 'color-mix(in srgb, var(--fail) 18%, transparent)', boxShadow: 'inset 3px 0 var(--fail)' },
  '.cm-sign-replayed': { color: 'var(--done)' },
  '.cm-sign-waiting': { color: 'var(--run)' },
  '.cm-sign-executing': { color: 'var(--timer)' },
  '.cm-sign-error': { color: 'var(--fail)' },
  '.cm-tooltip': { backgroundColor: 'var(--panel)', border: '1px solid var(--line)', color: 'var(--ink)' },
});

const colors = HighlightStyle.define([
  { tag: [tags.keyword, tags.controlKeyword, tags.moduleKeyword, tags.definitionKeyword, tags.operatorKeyword], color: 'var(--activity)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--done)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--timer)' },
  { tag: tags.comment, color: 'var(--dim)', fontStyle: 'italic' },
  { tag: [tags.typeName, tags.className], color: 'var(--child)' },
  { tag: tags.function(tags.variableName), color: 'var(--run)' },
]);

const base: Extension = [
  lineNumbers(),
  gutter({ class: 'cm-signs', markers: (view) => view.state.field(marksField).signs, initialSpacer: () => new SignMarker('▶', 'ran') }),
  gutter({ class: 'cm-notes', side: 'after', markers: (view) => view.state.field(marksField).notes }),
  marksField,
  javascript({ typescript: true }),
  syntaxHighlighting(colors),
  look,
];

/** Source code that is read, with marks for what runs. The marked line stays in view. */
export function CodeView({ text, label, marks, maxHeight }: { text: string; label: string; marks: readonly LineMark[]; maxHeight: string }) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);

  useEffect(() => {
    const created = new EditorView({
      parent: host.current!,
      state: EditorState.create({
        doc: text,
        extensions: [base, EditorView.lineWrapping, EditorState.readOnly.of(true), EditorView.editable.of(false), EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0', role: 'textbox', 'aria-readonly': 'true', 'aria-multiline': 'true' })],
      }),
    });
    view.current = created;
    return () => created.destroy();
  }, [text, label]);

  useEffect(() => {
    const current = view.current;
    if (!current) return;
    const target = marks.find((mark) => mark.kind === 'executing') ?? marks.find((mark) => mark.kind === 'error') ?? marks.find((mark) => mark.kind === 'waiting') ?? marks.at(-1);
    current.dispatch({ effects: setMarks.of(marks) });
    if (target && target.line <= current.state.doc.lines) {
      // Only inside this view: the page must not jump with every step.
      const block = current.lineBlockAt(current.state.doc.line(Math.max(1, target.line)).from);
      const scroller = current.scrollDOM;
      if (block.top < scroller.scrollTop + 20 || block.bottom > scroller.scrollTop + scroller.clientHeight - 20) {
        current.requestMeasure({ read: () => null, write: () => (scroller.scrollTop = block.top - scroller.clientHeight / 2 + 10) });
      }
    }
  }, [marks, text, label]);

  return <div ref={host} className="overflow-hidden" style={{ maxHeight }} />;
}

/** Source code that is written. `errors` are shown at their lines. */
export function CodeEditor({ text, label, errors, onChange }: { text: string; label: string; errors: readonly { readonly line: number; readonly column: number; readonly message: string }[]; onChange: (text: string) => void }) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const changed = useRef(onChange);
  const initial = useRef(text);
  useEffect(() => {
    changed.current = onChange;
    initial.current = text;
  });

  useEffect(() => {
    const created = new EditorView({
      parent: host.current!,
      state: EditorState.create({
        doc: initial.current,
        extensions: [
          base,
          lintGutter(),
          history(),
          drawSelection(),
          highlightActiveLine(),
          indentUnit.of('  '),
          // Tab leaves the editor after Escape, as CodeMirror documents it.
          keymap.of([...defaultKeymap, ...historyKeymap, indentWithTab]),
          EditorView.contentAttributes.of({ 'aria-label': label }),
          EditorView.updateListener.of((update) => update.docChanged && changed.current(update.state.doc.toString())),
        ],
      }),
    });
    view.current = created;
    return () => created.destroy();
  }, [label]);

  useEffect(() => {
    const current = view.current;
    if (!current) return;
    const { doc } = current.state;
    current.dispatch(
      setDiagnostics(
        current.state,
        errors.map((error) => {
          const line = doc.line(Math.min(Math.max(1, error.line), doc.lines));
          const from = Math.min(line.to, line.from + Math.max(0, error.column - 1));
          return { from, to: line.to, severity: 'error', message: error.message };
        }),
      ),
    );
  }, [errors, label]);

  return <div ref={host} className="h-full overflow-hidden" data-editor="" />;
}
