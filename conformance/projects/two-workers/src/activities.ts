export async function render(page: string): Promise<string> {
  return `<h1>${page}</h1>`;
}
