/** Doubles, slowly. */
export async function slow(n: number): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 200));
  return 2 * n;
}
