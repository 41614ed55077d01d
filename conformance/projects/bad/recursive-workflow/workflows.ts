const down = (n: number): number => 1 + down(n + 1);

export async function fine(): Promise<string> {
  return `${down(0)}`;
}
