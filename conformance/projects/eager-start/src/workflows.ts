export async function noop(name: string): Promise<string> {
  return `Hello, ${name}`;
}
