const base = 'http://expenses';

export async function createExpense(id: string): Promise<void> {
  const response = await fetch(`${base}/create?id=${encodeURIComponent(id)}`, { method: 'POST' });
  if (response.status !== 201) throw new Error(`could not create: ${response.status} ${response.statusText}`);
}

export async function payment(id: string): Promise<void> {
  const url = new URL('/action', base);
  url.searchParams.set('id', id);
  url.searchParams.set('type', 'payment');
  const response = await fetch(url, { method: 'POST' });
  if (!response.ok) throw new Error(`could not pay: ${await response.text()}`);
}
