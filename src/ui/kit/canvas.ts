/** Calls back when what is drawn has to be drawn again though nothing it shows has changed: another size, theme or type. */
export function onRedraw(element: Element, draw: () => void): () => void {
  const observer = new ResizeObserver(draw);
  observer.observe(element);
  const themed = new MutationObserver(draw);
  themed.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme', 'data-large'] });
  return () => {
    observer.disconnect();
    themed.disconnect();
  };
}
