import { getContext } from './context';

export async function whoAsks(): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, 5));
  return getContext().customer ?? 'nobody';
}
