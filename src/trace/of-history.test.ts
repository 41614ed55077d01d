import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readHistory } from '../api/read-history.ts';
import { TraceModel } from './model.ts';
import { traceOfHistory } from './of-history.ts';

const goldens = 'conformance/goldens';
const histories = readdirSync(goldens, { recursive: true, encoding: 'utf8' }).filter((path) => /history[^/]*\.json$/.test(path));

describe('a history of a real server as a trace', () => {
  it.each(histories)('%s', (path) => {
    const read = readHistory(readFileSync(`${goldens}/${path}`, 'utf8'));
    if (!read.ok) throw new Error(read.message);
    const { start, entries } = traceOfHistory(read.events);
    const model = new TraceModel(start);
    model.setBranch({ id: 0, parent: null, forkStep: 0, label: '', ended: 'idle' });
    model.append(0, 0, entries);
    const [run, ...others] = Object.values(model.frameAt(0, model.head(0)).runs);
    expect(others).toEqual([]);
    expect(run?.history.items.map((stamped) => stamped.entry.event)).toEqual(read.events);
    expect(run?.workflowType).toBe(read.events[0]?.workflowExecutionStartedEventAttributes?.workflowType?.name);
    const last = read.events.at(-1)?.eventType ?? '';
    const closes = /WORKFLOW_EXECUTION_(COMPLETED|FAILED|TIMED_OUT|CANCELED|TERMINATED|CONTINUED_AS_NEW)$/.exec(last)?.[1];
    expect(run?.status).toBe(closes ?? 'RUNNING');
    for (let step = 1; step <= model.head(0); step += 1) expect(model.stepInfo(0, step)!.at).toBeGreaterThanOrEqual(step === 1 ? start : model.stepInfo(0, step - 1)!.at);
  });
});
