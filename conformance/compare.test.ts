import { expect, it } from 'vitest';
import type { HistoryEvent } from '../src/api/proto.ts';
import { compareHistories, formatDifferences } from './compare.ts';
import { readGolden } from './goldens.ts';

const [run] = readGolden('plain-activities').runs;
const copy = (): HistoryEvent[] => structuredClone(run!.events) as HistoryEvent[];

it('finds nothing where only ids, times and identities differ', () => {
  const other = JSON.parse(
    JSON.stringify(run!.events).replaceAll('1@host', '7@elsewhere').replace(/[0-9a-f]{8}(?=-[0-9a-f]{4}-)/g, (id) => id.split('').reverse().join('')).replace(/\d\d:\d\d\.\d+Z/g, '00:00Z'),
  ) as HistoryEvent[];
  expect(formatDifferences(compareHistories(run!.events, other))).toBe('');
});

it('finds a changed attribute, a changed payload and a missing one', () => {
  const other = copy();
  other[4]!.activityTaskScheduledEventAttributes!.activityId = 'other';
  delete other[4]!.activityTaskScheduledEventAttributes!.retryPolicy!.backoffCoefficient;
  other[6]!.activityTaskCompletedEventAttributes!.identity = '';
  expect(formatDifferences(compareHistories(run!.events, other))).toMatchInlineSnapshot(`
    "5 ACTIVITY_TASK_SCHEDULED.activityId: expected "own-id", got "other"
    5 ACTIVITY_TASK_SCHEDULED.retryPolicy.backoffCoefficient: expected 1.5, got nothing
    7 ACTIVITY_TASK_COMPLETED.identity: expected "<identity>", got nothing"
  `);
});

it('shows two sequences beside each other', () => {
  const other = copy();
  other.splice(4, 1);
  expect(formatDifferences(compareHistories(run!.events.slice(0, 7), other.slice(0, 6)))).toMatchInlineSnapshot(`
    "the events differ (− real, + ours):
          1 WORKFLOW_EXECUTION_STARTED
          2 WORKFLOW_TASK_SCHEDULED
          3 WORKFLOW_TASK_STARTED
          4 WORKFLOW_TASK_COMPLETED
      -   5 ACTIVITY_TASK_SCHEDULED
          6 ACTIVITY_TASK_STARTED
          7 ACTIVITY_TASK_COMPLETED"
  `);
});
