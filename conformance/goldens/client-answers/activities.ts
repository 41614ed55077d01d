/** Says that it will be completed from outside, and never is. */
export async function waitsForever(): Promise<void> {
  await new Promise(() => {});
}
