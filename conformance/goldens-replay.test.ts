import { afterAll, describe, expect, it } from 'vitest';
import { replayGenuineAll, stopGenuine } from './genuine.ts';
import { readGoldens } from './goldens.ts';
import { replayOurs } from './ours.ts';

afterAll(stopGenuine);

describe.each(readGoldens())('golden $name', (golden) => {
  it('replays in the genuine worker', async () => {
    const verdicts = await replayGenuineAll(golden.workflowsPath, golden.runs.map(({ events, workflowId }) => ({ history: { events }, workflowId })));
    expect(golden.runs.map(({ file }, i) => [file, verdicts[i]!.message])).toEqual(golden.runs.map(({ file }) => [file, '']));
  });

  it('replays in our Core', async () => {
    const verdicts = [];
    for (const { file, events, workflowId } of golden.runs) verdicts.push([file, (await replayOurs(golden.workflowsPath, JSON.stringify({ events }), workflowId)).message]);
    expect(verdicts).toEqual(golden.runs.map(({ file }) => [file, '']));
  });
});
