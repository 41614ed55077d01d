import { activityInfo } from '@temporalio/activity';

export async function step(name: string): Promise<string> {
  return name;
}

/** The first attempt takes longer than its worker lives. */
export async function slow(): Promise<string> {
  const { attempt } = activityInfo();
  if (attempt === 1) await new Promise((resolve) => setTimeout(resolve, 10000));
  return `attempt ${attempt}`;
}
