export async function someActivity(calledBy: string): Promise<string> {
  return `activity for ${calledBy}`;
}
