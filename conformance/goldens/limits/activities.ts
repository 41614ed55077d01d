export async function echo(text: string): Promise<string> {
  return text;
}

export async function large(bytes: number): Promise<string> {
  return 'x'.repeat(bytes);
}
