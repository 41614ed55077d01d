export async function slow(): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, 1000));
  return 'slow';
}
