/** Pure. */
export async function greet(name: string): Promise<string> {
  return `Hello, ${name}`;
}

export async function shout(text: string, marks: number): Promise<string> {
  return text.toUpperCase() + '!'.repeat(marks);
}

/** Takes as long as its argument says. */
export async function count(ms: number): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return ms;
}

export async function nothing(): Promise<void> {}
