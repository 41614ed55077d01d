export async function fine(): Promise<string> {
  for (;;);
}
