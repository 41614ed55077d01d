import { describe, expect, it } from 'vitest';
import { textToBase64 } from '../../../base/base64.ts';
import type { Payload } from '../../../api/proto.ts';
import { complete, createDriver, fail } from '../testing/driver.ts';
import { parseFilter, type AttributeType, type VisibilityRecord } from './query.ts';

const TYPES: { readonly [name: string]: AttributeType } = {
  WorkflowId: 'KEYWORD', ExecutionStatus: 'KEYWORD', StartTime: 'DATETIME', CloseTime: 'DATETIME', ExecutionDuration: 'INT', Count: 'INT', Ratio: 'DOUBLE', Done: 'BOOL', Notes: 'TEXT', Tags: 'KEYWORD_LIST', TemporalScheduledById: 'KEYWORD',
};
const record: VisibilityRecord = {
  WorkflowId: 'order-17', ExecutionStatus: 'Running', StartTime: Date.parse('2026-01-01T00:00:00Z'), ExecutionDuration: 90e9, Count: 5, Ratio: 0.25, Done: true, Notes: 'Fragile, handle with care', Tags: ['red', 'blue'], TemporalScheduledById: 'nightly',
};
const matches = (query: string, of = record) => parseFilter(query, (name) => TYPES[name]).matches(of);

describe('list filters', () => {
  it.each([
    '', "WorkflowId = 'order-17'", 'WorkflowId = "order-17"', "workflowid != 'x' OR WorkflowId = 'order-17'", "WorkflowId STARTS_WITH 'order-'", "WorkflowId NOT STARTS_WITH 'x'", "WorkflowId IN ('a', 'order-17')", "WorkflowId NOT IN ('a')",
    "WorkflowId BETWEEN 'a' AND 'z'", "ExecutionStatus = 'Running'", 'ExecutionStatus = 1', "ExecutionStatus = 'WORKFLOW_EXECUTION_STATUS_RUNNING'", "StartTime > '2025-12-31T23:59:59.999Z'", "StartTime BETWEEN '2026-01-01T00:00:00Z' AND '2026-01-01T00:00:00Z'",
    "StartTime = '2026-01-01T01:00:00+01:00'", 'StartTime = 1767225600000000000', "ExecutionDuration >= '1m30s'", "ExecutionDuration < '00:02:00'", 'ExecutionDuration = 90000000000', 'Count = 5 AND Count >= 5 AND Count < 6', 'Count NOT BETWEEN -3 AND 4', 'Ratio = 0.25', 'Done = true', 'NOT Done = false',
    "Notes = 'care'", "Notes = 'FRAGILE thing'", "Notes != 'sturdy'", "Tags = 'red'", "Tags IN ('green', 'blue')", "Tags != 'green'", 'CloseTime IS NULL', 'Count IS NOT NULL', "NOT (Count = 1 OR Count = 2) AND (Done = true)", "ScheduledById = 'nightly'", "`WorkflowId` = 'order-17'", "TemporalScheduleId = 'order-17'",
    "WorkflowId STARTS_WITH 'ORDER-'", 'Count = 5 && Done = true', 'Count = 1 || Count = 5', 'Count = 5 -- five', 'Count = /* what */ 5', '((Count = 5))', "ExecutionStatus != 'Unspecified'", "StartTime > '2020-01-01T00:00:00,5Z'",
  ].map((query) => [query]))('%s matches', (query) => {
    if (query.startsWith('workflowid')) expect(() => matches(query)).toThrow('invalid query: invalid search attribute: workflowid');
    else expect(matches(query)).toBe(true);
  });

  it.each(["WorkflowId = 'order'", "CloseTime > '2020-01-01T00:00:00Z'", "CloseTime != '2020-01-01T00:00:00Z'", "Tags NOT IN ('red')", "Notes = 'frag'", 'Count > 5', 'Done = false', "WorkflowId < 'Z'", "ExecutionStatus IN ('Completed', 'Failed')"].map((query) => [query]))('%s does not match', (query) => {
    expect(matches(query)).toBe(false);
  });

  it.each<[string, string]>([
    ["Nope = 'x'", 'invalid query: invalid search attribute: Nope'],
    ["Count STARTS_WITH 'x'", "invalid query: invalid expression: invalid value type for search attribute Count of type Int: \"x\" (type: string)"],
    ["Tags STARTS_WITH 'x'", "invalid query: operation is not supported: operator 'STARTS_WITH' not supported for KeywordList type search attribute 'Tags'"],
    ["Notes > 'x'", "invalid query: operation is not supported: operator '>' not supported for Text type search attribute 'Notes'"],
    ["Done BETWEEN 'a' AND 'b'", "invalid query: invalid expression: cannot do range condition on search attribute 'Done' of type Bool"],
    ["StartTime > 'yesterday'", "invalid query: invalid expression: unable to parse datetime 'yesterday'"],
    ["ExecutionStatus = 'Sleeping'", "invalid query: invalid expression: invalid ExecutionStatus value 'Sleeping'"],
    ["ExecutionDuration > 'long'", 'invalid query: invalid expression: invalid duration value for search attribute ExecutionDuration: long'],
    ['WorkflowId = x', 'invalid query: operation is not supported: column name on the right side of comparison expression (did you forget to quote "x"?)'],
    ['WorkflowId', 'invalid query: invalid expression: incomplete expression'],
    ["Notes = ' '", 'invalid query: invalid expression: no tokens found filtering on Text type search attribute Notes'],
    ['Done IS TRUE', "invalid query: invalid expression: 'IS' operator can only be used as 'IS NULL' or 'IS NOT NULL'"],
    ['lower(WorkflowId) = 1', 'invalid query: invalid expression: must be a column name but was *sqlparser.FuncExpr'],
    ['lower(WorkflowId)', 'invalid query: operation is not supported: function expression'],
    ['Nope = 1 AND', 'invalid query: malformed SQL query: syntax error at position 40'],
    ["WorkflowId = lower('A')", 'invalid query: operation is not supported: nested func'],
    ['CloseTime = NULL', 'invalid query: invalid expression: unexpected value type *sqlparser.NullVal'],
    ['Count = (5)', 'invalid query: invalid expression: unexpected value type *sqlparser.ParenExpr'],
    ['Count = 5 + 1', 'invalid query: invalid expression: unexpected value type *sqlparser.BinaryExpr'],
    ['5 = Count', 'invalid query: invalid expression: must be a column name but was *sqlparser.SQLVal'],
    ['! Count = 5', 'invalid query: invalid expression: must be a column name but was *sqlparser.UnaryExpr'],
    ['(Count, Count) = (1, 2)', 'invalid query: invalid expression: must be a column name but was sqlparser.ValTuple'],
    ['true', 'invalid query: operation is not supported: expression of type sqlparser.BoolVal'],
    ['Count <=> 5', "invalid query: operation is not supported: operator '<=>' not supported for Int type search attribute 'Count'"],
    ['Status = 5', 'invalid query: invalid search attribute: status'],
    ['Key = 5', "invalid query: malformed SQL query: syntax error at position 31 near 'key'"],
    ['Some Int = 5', "invalid query: malformed SQL query: syntax error at position 36 near 'int'"],
    ['ExecutionStatus = 1.0', 'invalid query: invalid expression: unexpected value type float64 for search attribute ExecutionStatus'],
    ['ExecutionStatus = true', 'invalid query: invalid expression: invalid value type for search attribute ExecutionStatus of type Keyword: true (type: bool)'],
    ["ExecutionDuration < '00:61:00'", 'invalid query: invalid expression: invalid duration value for search attribute ExecutionDuration: 00:61:00'],
    ["StartTime > '2020-01-01t00:00:00z'", "invalid query: invalid expression: unable to parse datetime '2020-01-01t00:00:00z'"],
    ['ORDER BY Nope', 'invalid query: invalid search attribute: Nope'],
    ['GROUP = 5', "invalid query: malformed SQL query: syntax error at position 33 near 'group'"],
    ['Count NOT', 'invalid query: malformed SQL query: syntax error at position 37'],
    ['(Count IN (5)', 'invalid query: malformed SQL query: syntax error at position 41'],
    ["WorkflowId = 'a' ORDER BY StartTime", "invalid query: operation is not supported: 'ORDER BY' clause"],
    ['GROUP BY WorkflowId', "invalid query: operation is not supported: 'GROUP BY' clause is not supported for search attribute WorkflowId"],
    ["WorkflowId = 'a' AND", 'invalid query: malformed SQL query: syntax error'],
    ["WorkflowId = 'a", 'invalid query: malformed SQL query: syntax error'],
    ["(WorkflowId = 'a'", 'invalid query: malformed SQL query: syntax error'],
    ["WorkflowId LIKE 'a%'", "invalid query: operation is not supported: operator 'LIKE' not supported for Keyword type search attribute 'WorkflowId'"],
    ['WorkflowId', 'invalid query: invalid expression: incomplete expression'],
    ['Nonsense AND RunId = 1', 'invalid query: invalid expression: incomplete expression'],
    ['SELECT 1', "invalid query: malformed SQL query: syntax error at position 34 near 'select'"],
    ['WorkflowId = ', 'invalid query: malformed SQL query: syntax error at position 40'],
  ])('%s is refused', (query, message) => {
    expect(() => matches(query)).toThrow(message);
  });
});

describe('lists and counts', () => {
  const namespace = 'default';
  const attribute = (type: string, value: unknown): Payload => ({ metadata: { encoding: textToBase64('json/plain'), type: textToBase64(type) }, data: textToBase64(JSON.stringify(value)) });

  it('open ones first, then the last closed; pages; counts by status', () => {
    const d = createDriver();
    for (const id of ['a', 'b', 'c', 'd']) {
      d.start(id, { searchAttributes: { indexedFields: { City: attribute('Keyword', id === 'a' ? 'Bonn' : 'Ulm'), Amount: attribute('Int', id.charCodeAt(0)) } }, memo: { fields: { note: { data: 'MQ==' } } } });
      d.advance(1000);
    }
    for (const command of [complete(), fail()]) {
      d.advance(1000);
      d.complete(d.pollTask(), [command]);
    }
    const list = (query: string) => d.call('ListWorkflowExecutions', { namespace, query }).executions?.map((e) => `${e.execution?.workflowId} ${e.status?.replace('WORKFLOW_EXECUTION_STATUS_', '')}`);
    expect(list('')).toHaveLength(4);
    expect(list('')?.slice(0, 2)).toEqual(expect.arrayContaining([expect.stringContaining('RUNNING')]));
    expect(list("City = 'Bonn'")).toHaveLength(1);
    expect(list("City = 'Ulm' AND Amount > 98")).toHaveLength(2);
    expect(list("ExecutionStatus IN ('Completed', 'Failed')")?.map((line) => line.slice(2))).toEqual(['FAILED', 'COMPLETED']);
    const first = d.call('ListWorkflowExecutions', { namespace, pageSize: 3 });
    const second = d.call('ListWorkflowExecutions', { namespace, pageSize: 3, nextPageToken: first.nextPageToken });
    expect([...(first.executions ?? []), ...(second.executions ?? [])].map((e) => e.execution?.workflowId)).toEqual(d.call('ScanWorkflowExecutions', { namespace }).executions?.map((e) => e.execution?.workflowId));
    expect(second.nextPageToken).toBeUndefined();
    expect(second.executions?.[0]).toMatchObject({ historyLength: '5', executionDuration: expect.any(String), memo: { fields: { note: {} } } });
    expect(d.call('CountWorkflowExecutions', { namespace })).toEqual({ count: '4', groups: undefined });
    expect(d.call('CountWorkflowExecutions', { namespace, query: 'GROUP BY ExecutionStatus' })).toEqual({
      count: '4', groups: [['Running', '2'], ['Completed', '1'], ['Failed', '1']].map(([status, count]) => ({ groupValues: [attribute('Keyword', status)], count })),
    });
    expect(d.refuses('ListWorkflowExecutions', { namespace, query: 'Nope = 1' }).message).toBe('invalid query: invalid search attribute: Nope');
    expect(d.call('ListWorkflowExecutions', { namespace, query: 'GROUP BY ExecutionStatus' }).executions).toHaveLength(4);
  });

  it('takes the type of an attribute that does not say it from its value', () => {
    const d = createDriver();
    const untyped = (value: unknown) => ({ metadata: { encoding: textToBase64('json/plain') }, data: textToBase64(JSON.stringify(value)) });
    d.start('a', { searchAttributes: { indexedFields: { Word: untyped(['x']), Words: untyped(['x', 'y']), Whole: untyped([7]), Part: untyped([0.5]), Yes: untyped([true]), At: untyped(['2026-01-01T00:00:00Z']) } } });
    const count = (query: string) => d.call('CountWorkflowExecutions', { namespace, query }).count;
    for (const query of ["Word = 'x'", "Words = 'y'", 'Whole > 6', 'Part < 1', 'Yes = true', "At < '2027-01-01T00:00:00Z'"]) expect([query, count(query)]).toEqual([query, '1']);
    const refused = d.refuses('StartWorkflowExecution', {
      namespace, workflowId: 'b', workflowType: { name: 'flow' }, taskQueue: { name: 'q' }, searchAttributes: { indexedFields: { Word: untyped(['x', 'y']) } },
    });
    expect(refused.message).toBe('invalid value for search attribute Word of type Keyword: [x y]');
  });

  it('finds schedules by what they carry', () => {
    const d = createDriver();
    const make = (scheduleId: string, team: string) => d.call('CreateSchedule', { namespace, scheduleId, requestId: scheduleId, schedule: { state: { paused: team === 'blue' } }, searchAttributes: { indexedFields: { Team: attribute('Keyword', team) } } });
    make('one', 'red');
    make('two', 'blue');
    const list = (query: string) => d.call('ListSchedules', { namespace, query }).schedules?.map((s) => s.scheduleId);
    expect(list('')).toEqual(['one', 'two']);
    expect(list("Team = 'red'")).toEqual(['one']);
    expect(list('TemporalSchedulePaused = true')).toEqual(['two']);
    expect(list("ScheduleId STARTS_WITH 'o'")).toEqual(['one']);
    for (const name of ['WorkflowId', 'WorkflowType', 'TemporalScheduledById']) expect(d.refuses('ListSchedules', { namespace, query: `${name} = 'one'` }).message).toMatch(`cannot filter on ${JSON.stringify(name)}`);
  });
});
