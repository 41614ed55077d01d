export async function build(): Promise<string> {
  return '1.0';
}
