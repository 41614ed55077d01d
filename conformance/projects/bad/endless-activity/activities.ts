export async function act(): Promise<string> {
  for (;;);
}
