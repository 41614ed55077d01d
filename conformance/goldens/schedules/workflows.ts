export async function scheduled(text: string): Promise<string> {
  return text;
}
