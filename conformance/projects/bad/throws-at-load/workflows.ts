export async function fine(): Promise<string> {
  return 'fine';
}
throw new Error('this module does not load');
