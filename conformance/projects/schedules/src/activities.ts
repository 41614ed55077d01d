export async function remind(text: string): Promise<void> {
  console.log('reminder:', text);
}
