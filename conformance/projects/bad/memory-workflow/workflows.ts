export async function fine(): Promise<string> {
  const all: number[][] = [];
  for (let i = 0; ; i++) all.push(new Array(1_000_000).fill(i));
}
