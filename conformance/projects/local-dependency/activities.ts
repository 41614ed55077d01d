import { format } from 'price-tag';

export async function price(): Promise<string> {
  return format(999, 'EUR');
}
