export async function step(...inputs: string[]): Promise<string> {
  return `step(${inputs.join(',')})`;
}
export async function join(...inputs: string[]): Promise<string> {
  return inputs.join(' & ');
}
