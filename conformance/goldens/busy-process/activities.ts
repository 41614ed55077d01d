/** Waits for the clock without letting go of the process. */
export async function burn(ms: number): Promise<boolean> {
  const end = Date.now() + ms;
  while (Date.now() < end) {
    // The event loop stands still.
  }
  return Date.now() >= end;
}

export async function measure(ms: number): Promise<boolean> {
  const begin = performance.now();
  while (performance.now() - begin < ms);
  return true;
}

export async function quick(): Promise<string> {
  return 'quick';
}
