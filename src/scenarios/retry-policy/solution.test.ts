import { describe, expect, it } from 'vitest';
import { playScenario } from '../../testing/play.ts';
import { toArray, type Frame } from '../../trace/frame.ts';
import { eventsOf, failedAttemptsOf, ledgerOf, runOf, waitsOf } from '../cues.ts';
import type { Cue, Scenario } from '../types.ts';
import scenario, { retryStateOf } from './scenario.ts';

const play = async (variant: string) => {
  const played = await playScenario(scenario, { variant });
  expect(played.frame.violations.length).toBe(0);
  return played;
};
const clientLog = (frame: Frame) => toArray(frame.processes['client-1']!.log).map(({ entry }) => entry.text);
const activityFailure = (frame: Frame) => toArray(runOf(frame)!.history).map(({ entry }) => entry.event.activityTaskFailedEventAttributes).find((a) => a !== undefined && a !== null);

describe('retry-policy', () => {
  it('waits 1, 2, 4 and 8 s, each counted from the failure', async () => {
    const { frame, goals } = await play('default');
    expect(waitsOf(runOf(frame))).toEqual([1000, 2000, 4000, 8000]);
    const attempts = Object.values(runOf(frame)!.attempts)[0]!;
    expect(attempts.map((attempt) => attempt.attempt)).toEqual([1, 2, 3, 4, 5]);
    attempts.slice(1).forEach((attempt, i) => {
      const late = Number(attempt.startedAt) - Number(attempts[i]!.nextAttemptAt);
      expect(late).toBeGreaterThanOrEqual(0);
      expect(late, 'a poll waits, so the attempt starts when it is due').toBeLessThan(50);
    });
    expect(goals).toEqual(['waits', 'one-started', 'paid-once']);
    expect(ledgerOf(frame, 'bank')).toEqual([{ paid: 'invoice 42' }]);
  });

  it('leaves 11 events, one of them ActivityTaskStarted with the attempt and the last failure', async () => {
    const { frame, model } = await play('default');
    const events = toArray(runOf(frame)!.history).map(({ entry }) => entry.event);
    expect(events).toHaveLength(11);
    const started = events.find((event) => event.activityTaskStartedEventAttributes)!.activityTaskStartedEventAttributes!;
    expect(started.attempt).toBe(5);
    expect(started.lastFailure?.message).toBe('the bank answered 503');
    // While attempts fail, the history stands still.
    const lengths = [1, 2, 3, 4].map((n) => eventsOf(runOf(model.frameAt(0, model.findStep(0, 0, (f) => failedAttemptsOf(runOf(f)).length >= n)!))).length);
    expect(lengths).toEqual([5, 5, 5, 5]);
  });

  it('a crash during a pause does not move the plan', async () => {
    const secondFailed: Cue = ({ frame }) => failedAttemptsOf(runOf(frame)).length >= 2;
    const { frame } = await playScenario(scenario, { acts: [{ when: secondFailed, do: { kill: 'worker-1' } }, { when: () => true, do: { start: 'worker-1' } }] });
    expect(waitsOf(runOf(frame))).toEqual([1000, 2000, 4000, 8000]);
    expect(runOf(frame)?.status).toBe('COMPLETED');
  });

  it.each([
    ['slower', [2000, 6000, 10_000, 10_000]],
    ['constant', [3000, 3000, 3000, 3000]],
  ])('%s waits as its policy says', async (variant, waits) => {
    const { frame } = await play(variant);
    expect(waitsOf(runOf(frame))).toEqual(waits);
    expect(runOf(frame)?.status).toBe('COMPLETED');
  });

  it('gives up after maximumAttempts', async () => {
    const { frame, goals } = await play('limited');
    expect(waitsOf(runOf(frame))).toEqual([1000, 2000]);
    expect(retryStateOf(frame)).toBe('RETRY_STATE_MAXIMUM_ATTEMPTS_REACHED');
    expect(goals).toContain('maximum-attempts');
    expect(clientLog(frame)).toEqual(['Failed: the bank answered 503']);
    expect(ledgerOf(frame, 'bank')).toEqual([]);
  });

  it.each([
    ['typed', 'the bank answered 503', false],
    ['broke', 'account is empty', true],
  ])('%s is not retried', async (variant, message, nonRetryable) => {
    const { frame, goals } = await play(variant);
    expect(waitsOf(runOf(frame))).toEqual([]);
    expect(goals).toContain('non-retryable');
    expect(frame.activityCalls).toEqual({ pay: 1 });
    expect(activityFailure(frame)?.failure?.message).toBe(message);
    expect(activityFailure(frame)?.failure?.applicationFailureInfo?.nonRetryable ?? false).toBe(nonRetryable);
    expect(clientLog(frame)).toEqual([`Failed: ${message}`]);
  });

  it('reaches the moment of every beat in order', async () => {
    const acts = (scenario as Scenario).beats.flatMap((beat) => (beat.playTo ? [{ when: beat.playTo, do: null }] : []));
    const { actedAt } = await playScenario(scenario, { acts });
    expect(new Set(actedAt).size).toBe(acts.length);
  });
});
