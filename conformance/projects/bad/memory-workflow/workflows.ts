export async function fine(): Promise<string> {
  const all: string[] = [];
  for (let i = 0; ; i++) all.push(`${i}`.repeat(100_000));
}
