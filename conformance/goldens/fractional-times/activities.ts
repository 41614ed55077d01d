export async function echo(value: number): Promise<number> {
  return value;
}

/** Fails once, so that it is tried again after a back-off that is no whole number of milliseconds. */
let calls = 0;
export async function flaky(): Promise<number> {
  if (++calls === 1) throw new Error('once');
  return calls;
}
