import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../src/api/proto.ts';
import { replayGenuineAll, stopGenuine } from './genuine.ts';
import { replayOurs } from './ours.ts';

/** Genuine histories of other projects, in the folder `golden` of what `REPLAYGROUND_SHARED` names; without it these tests are skipped. */
const folder = join(process.env.REPLAYGROUND_SHARED ?? '', 'golden');
const files = process.env.REPLAYGROUND_SHARED && existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.json')) : [];
const workflowsPath = fileURLToPath(new URL('shared-histories/workflows.ts', import.meta.url));
const known = [...readFileSync(workflowsPath, 'utf8').matchAll(/export async function (\w+)/g)].map((match) => match[1]);

afterAll(stopGenuine);

describe.skipIf(files.length === 0)('histories of other projects', () => {
  it.each(files)('%s replays in our Core, and in the genuine worker', async (file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    const history = JSON.parse(text) as { events: HistoryEvent[] };
    const workflowId = history.events[0]?.workflowExecutionStartedEventAttributes?.workflowId || 'unknown';
    expect(known).toContain(history.events[0]?.workflowExecutionStartedEventAttributes?.workflowType?.name);
    expect((await replayOurs(workflowsPath, text, workflowId)).message).toBe('');
    expect((await replayGenuineAll(workflowsPath, [{ history, workflowId }]))[0]?.message).toBe('');
  });

  it.each(files)('%s is refused by both with the same words when it was made by other code', async (file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    const history = JSON.parse(text) as { events: HistoryEvent[] };
    // The same history under the name of a workflow that does something else.
    const [started] = history.events;
    const type = started!.workflowExecutionStartedEventAttributes!.workflowType!;
    type.name = known[(known.indexOf(type.name) + 1) % known.length];
    const [genuine] = await replayGenuineAll(workflowsPath, [{ history, workflowId: 'unknown' }]);
    expect(genuine?.kind).toBe('nondeterminism');
    expect((await replayOurs(workflowsPath, JSON.stringify(history), 'unknown')).message).toBe(genuine?.message);
  });
});
