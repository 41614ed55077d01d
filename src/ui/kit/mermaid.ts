let loading: Promise<typeof import('mermaid').default> | undefined;
let drawings = 0;

/** Mermaid comes with the first diagram. Colours are custom properties, so that a change of theme needs no new drawing. */
function loadMermaid(): Promise<typeof import('mermaid').default> {
  return (loading ??= import('mermaid').then(({ default: mermaid }) => {
    mermaid.initialize({
      startOnLoad: false,
      securityLevel: 'strict',
      suppressErrorRendering: true,
      theme: 'base',
      fontFamily: 'Inter Variable, system-ui, sans-serif',
      fontSize: 11, // overrides the sizes of actors, messages and notes
      htmlLabels: false,
      sequence: { useMaxWidth: false, mirrorActors: false, messageMargin: 20, boxMargin: 4, noteMargin: 5, actorMargin: 4, width: 56, height: 30, diagramMarginX: 6, diagramMarginY: 6, wrap: false, showSequenceNumbers: false },
      state: { useMaxWidth: false, nodeSpacing: 18, rankSpacing: 34 },
    });
    return mermaid;
  }));
}

/** Draws a diagram; the answer says of which text, since a newer one may have come meanwhile. Throws where the text is none. */
export async function draw(text: string): Promise<{ readonly svg: string; readonly text: string }> {
  const mermaid = await loadMermaid();
  await mermaid.parse(text);
  drawings += 1;
  const { svg } = await mermaid.render(`diagram-${drawings}`, text);
  return { svg, text };
}
