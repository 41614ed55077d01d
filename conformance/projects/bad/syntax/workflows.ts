export async function broken(): Promise<string> {
  return 'never ends;
}
