import { condition, proxyActivities, setDefaultQueryHandler, setDefaultSignalHandler, workflowInfo } from '@temporalio/workflow';

const activities = proxyActivities({ startToCloseTimeout: '5s' });

/** Serves every workflow type that has no function of its own. */
export default async function dynamic(...args: unknown[]): Promise<string> {
  const signals: string[] = [];
  setDefaultSignalHandler((name, ...rest) => void signals.push(`${name}(${rest.join()})`));
  setDefaultQueryHandler((name) => `${name}: ${signals.length}`);
  await condition(() => signals.length >= 2);
  const name = workflowInfo().workflowType === 'Greeting' ? 'greetSomebody' : 'doAnything';
  const answer = await activities[name]!(...args);
  return `${workflowInfo().workflowType}: ${answer} after ${signals.join(' ')}`;
}

export async function known(): Promise<string> {
  return 'a function of its own';
}
