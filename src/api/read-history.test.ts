import { describe, expect, test } from 'vitest';
import { readHistory } from './read-history.ts';

const started = (attributes: object): string => JSON.stringify({ events: [{ eventId: '1', eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_STARTED', workflowExecutionStartedEventAttributes: { workflowType: { name: 'flow' }, ...attributes } }] });
const said = (text: string): string => {
  const read = readHistory(text);
  return read.ok ? 'ok' : read.message.replace('event 1 of 1: workflowExecutionStartedEventAttributes', '');
};

/** Each line was given to the genuine `Worker.runReplayHistory` too, which refuses and accepts the same (`expected string: 5` …). */
describe('a field that does not fit its proto is named', () => {
  test.each<[object, string]>([
    [{ identity: 5 }, '.identity is 5, a text is needed'],
    [{ identity: null, attempt: '1', nobodyKnows: 5 }, 'ok'],
    [{ attempt: 'x' }, '.attempt is "x", a number is needed'],
    [{ header: [] }, '.header is [], an object is needed'],
    [{ header: { fields: [] } }, '.header.fields is [], an object is needed'],
    [{ header: { fields: { a: 5 } } }, '.header.fields.a is 5, an object is needed'],
    [{ workflowTaskTimeout: 5 }, '.workflowTaskTimeout is 5, a duration such as 10s is needed'],
    [{ workflowTaskTimeout: { seconds: 10 } }, '.workflowTaskTimeout is {"seconds":10}, a duration such as 10s is needed'],
    [{ input: { payloads: 5 } }, '.input.payloads is 5, a list is needed'],
    [{ input: { payloads: [null] } }, '.input.payloads[0] is null, an object is needed'],
    [{ input: { payloads: [{ data: '***' }] } }, '.input.payloads[0].data is "***", base64 is needed'],
    [{ workflowExecutionExpirationTime: '2026-13-01T00:00:00Z' }, '.workflowExecutionExpirationTime is "2026-13-01T00:00:00Z", a time is needed'],
    [{ workflowType: { name: {} } }, '.workflowType.name is {}, a text is needed'],
    [{ memo: 5 }, '.memo is 5, an object is needed'],
  ])('%j', (attributes, message) => expect(said(started(attributes))).toBe(message));
});
