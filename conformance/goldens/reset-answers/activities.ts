export async function quick(n: number): Promise<number> {
  return n;
}

export async function lasts(ms: number): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return 'lasted';
}
