export async function work(what: string): Promise<string> {
  return `worked on ${what}`;
}
