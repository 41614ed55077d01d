import { compareText } from '../../../base/compare.ts';
import { parseTimestamp } from '../../../base/time.ts';
import { invalidArgument, type ServiceError } from '../errors.ts';
import { parseGoDurationWithDays } from '../schedules/go-duration.ts';

/**
 * List filters: the part of SQL that a server takes (`common/persistence/visibility/store/query`), with its error texts. A query is read
 * into a predicate over records.
 */

/** Search attributes of one execution by name: Keyword and Text a string, KeywordList a list, Int and Double a number, Datetime milliseconds. Absent is NULL. */
export interface VisibilityRecord {
  readonly [attribute: string]: string | number | boolean | readonly string[] | undefined;
}

export type AttributeType = 'KEYWORD' | 'KEYWORD_LIST' | 'TEXT' | 'INT' | 'DOUBLE' | 'BOOL' | 'DATETIME';

export interface Filter {
  readonly matches: (record: VisibilityRecord) => boolean;
  /** The attribute to group by; null for none. */
  readonly groupBy: string | null;
}

type Value = string | number | boolean;
/** Null where SQL says NULL: what is compared is not there. */
type Predicate = (record: VisibilityRecord) => boolean | null;

interface Column {
  /** As written. */
  readonly alias: string;
  readonly name: string;
  readonly type: AttributeType;
}

interface Token {
  readonly kind: 'word' | 'text' | 'number' | 'sign' | 'end';
  readonly text: string;
  /** Where it ends in the query. */
  readonly end: number;
}

const bad = (message: string): ServiceError => invalidArgument(`invalid query: ${message}`);
const NOT_SUPPORTED = 'operation is not supported';
const INVALID = 'invalid expression';
const TYPE_NAMES: { readonly [type in AttributeType]: string } = { KEYWORD: 'Keyword', KEYWORD_LIST: 'KeywordList', TEXT: 'Text', INT: 'Int', DOUBLE: 'Double', BOOL: 'Bool', DATETIME: 'Datetime' };
const STATUSES = ['Running', 'Completed', 'Failed', 'Canceled', 'Terminated', 'ContinuedAsNew', 'TimedOut', 'Paused'];
const COMPARISONS = ['=', '!=', '<', '>', '<=', '>=', 'IN', 'NOT IN'];
const OPERATORS: { readonly [type in AttributeType]: readonly string[] } = {
  KEYWORD: [...COMPARISONS, 'STARTS_WITH', 'NOT STARTS_WITH'], KEYWORD_LIST: ['=', '!=', 'IN', 'NOT IN'], TEXT: ['=', '!='], INT: COMPARISONS, DOUBLE: COMPARISONS, BOOL: COMPARISONS, DATETIME: COMPARISONS,
};
const RESERVED = ['AND', 'OR', 'NOT', 'IN', 'BETWEEN', 'IS', 'NULL', 'STARTS_WITH', 'LIKE', 'SELECT', 'ORDER', 'GROUP', 'BY', 'LIMIT', 'TRUE', 'FALSE'];

/** Reads a list filter. `typeOf` knows the attributes of the namespace. Throws InvalidArgument. */
export function parseFilter(query: string, typeOf: (name: string) => AttributeType | undefined): Filter {
  const tokens = tokenize(query);
  let at = 0;
  const peek = (): Token => tokens[at] as Token;
  const isWord = (word: string): boolean => peek().kind === 'word' && peek().text.toUpperCase() === word;
  const isSign = (sign: string): boolean => peek().kind === 'sign' && peek().text === sign;
  const take = (word: string): boolean => {
    if (!isWord(word) && !isSign(word)) return false;
    at++;
    return true;
  };
  const endsHere = (): boolean => peek().kind === 'end' || isWord('AND') || isWord('OR') || isSign(')');
  const need = (word: string): void => {
    if (!take(word)) throw syntaxError(peek());
  };

  function column(compared: boolean): Column {
    const token = peek();
    if (token.kind !== 'word' || RESERVED.includes(token.text.toUpperCase())) {
      if (token.kind === 'text' || token.kind === 'number') throw bad(`${INVALID}: must be a column name but was *sqlparser.SQLVal`);
      throw syntaxError(token);
    }
    at++;
    if (isSign('(')) throw bad(`${NOT_SUPPORTED}: function expression`);
    if (compared && endsHere()) throw bad(`${INVALID}: incomplete expression`);
    return resolve(token.text, typeOf);
  }

  function value(c: Column): Value {
    const negative = take('-');
    if (!negative) take('+');
    const token = peek();
    at++;
    if (token.kind === 'number') return checkValue(c, negative ? -Number(token.text) : Number(token.text));
    if (negative) throw syntaxError(token);
    if (token.kind === 'text') return checkValue(c, token.text);
    const word = token.text.toUpperCase();
    if (token.kind === 'word' && (word === 'TRUE' || word === 'FALSE')) return checkValue(c, word === 'TRUE');
    if (token.kind === 'word' && !RESERVED.includes(word)) throw bad(`${NOT_SUPPORTED}: column name on the right side of comparison expression (did you forget to quote "${token.text}"?)`);
    throw syntaxError(token);
  }

  function either(): Predicate {
    let left = both();
    while (take('OR')) {
      const [a, b] = [left, both()];
      left = (record) => {
        const [x, y] = [a(record), b(record)];
        return x === true || y === true || (x === null || y === null ? null : false);
      };
    }
    return left;
  }

  function both(): Predicate {
    let left = not();
    while (take('AND')) {
      const [a, b] = [left, not()];
      left = (record) => {
        const [x, y] = [a(record), b(record)];
        return x === false || y === false ? false : x === null || y === null ? null : true;
      };
    }
    return left;
  }

  function not(): Predicate {
    if (!take('NOT')) return condition();
    const inner = not();
    return (record) => {
      const result = inner(record);
      return result === null ? null : !result;
    };
  }

  function condition(): Predicate {
    if (take('(')) {
      const inner = either();
      need(')');
      return inner;
    }
    const c = column(true);
    if (take('IS')) {
      const negated = take('NOT');
      if (!take('NULL')) {
        if (take('TRUE') || take('FALSE')) throw bad(`${INVALID}: 'IS' operator can only be used as 'IS NULL' or 'IS NOT NULL'`);
        throw syntaxError(peek());
      }
      return (record) => (record[c.name] === undefined) !== negated;
    }
    const negated = take('NOT');
    if (take('BETWEEN')) {
      if (!['DATETIME', 'DOUBLE', 'INT', 'KEYWORD'].includes(c.type)) throw bad(`${INVALID}: cannot do range condition on search attribute '${c.alias}' of type ${TYPE_NAMES[c.type]}`);
      const from = value(c);
      need('AND');
      const to = value(c);
      return (record) => {
        const found = record[c.name] as Value | undefined;
        return found === undefined ? null : (order(c, found, from) >= 0 && order(c, found, to) <= 0) !== negated;
      };
    }
    const operator = (negated ? 'NOT ' : '') + readOperator(negated);
    if (operator.endsWith('IN')) {
      need('(');
      const values = [value(c)];
      while (take(',')) values.push(value(c));
      need(')');
      return compare(c, operator, values);
    }
    return compare(c, operator, [value(c)]);
  }

  function readOperator(negated: boolean): string {
    const token = peek();
    const word = token.text.toUpperCase();
    if (token.kind === 'word' && (word === 'IN' || word === 'STARTS_WITH' || word === 'LIKE')) {
      at++;
      return word;
    }
    if (!negated && token.kind === 'sign' && COMPARISONS.includes(token.text === '<>' ? '!=' : token.text)) {
      at++;
      return token.text === '<>' ? '!=' : token.text;
    }
    if (endsHere()) throw bad(`${INVALID}: incomplete expression`);
    throw syntaxError(token);
  }

  let predicate: Predicate = () => true;
  if (peek().kind !== 'end' && !isWord('ORDER') && !isWord('GROUP')) predicate = either();
  let groupBy: string | null = null;
  if (take('GROUP')) {
    need('BY');
    const c = column(false);
    if (isSign(',')) throw bad(`${NOT_SUPPORTED}: 'GROUP BY' clause supports only a single field`);
    if (c.name !== 'ExecutionStatus' && c.name !== 'TemporalNamespaceDivision') throw bad(`${NOT_SUPPORTED}: 'GROUP BY' clause is not supported for search attribute ${c.alias}`);
    groupBy = c.name;
  }
  if (isWord('ORDER')) throw bad(`${NOT_SUPPORTED}: 'ORDER BY' clause`);
  if (isWord('LIMIT')) throw bad(`${NOT_SUPPORTED}: 'LIMIT' clause`);
  take(';');
  if (peek().kind !== 'end') throw syntaxError(peek());
  return { matches: (record) => predicate(record) === true, groupBy };
}

function tokenize(query: string): Token[] {
  const tokens: Token[] = [];
  const pattern = /\s*(?:'((?:[^'\\]|\\.|'')*)'|"((?:[^"\\]|\\.|"")*)"|(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)|`([^`]+)`|([A-Za-z_][\w.]*)|(<=|>=|!=|<>|[=<>(),;+-]))/y;
  while (pattern.lastIndex < query.trimEnd().length) {
    const start = pattern.lastIndex;
    const m = pattern.exec(query);
    if (!m) {
      const rest = query.slice(start).trimStart();
      throw syntaxError({ kind: 'sign', text: rest[0] ?? '', end: query.length - rest.length + 1 });
    }
    const quoted = m[1] ?? m[2];
    const end = pattern.lastIndex;
    if (quoted !== undefined) tokens.push({ kind: 'text', text: quoted.replace(/''|""|\\(.)/g, (pair: string, escaped: string | undefined) => escaped ?? pair[0] ?? ''), end });
    else if (m[3] !== undefined) tokens.push({ kind: 'number', text: m[3], end });
    else if (m[4] !== undefined || m[5] !== undefined) tokens.push({ kind: 'word', text: m[4] ?? m[5] ?? '', end });
    else tokens.push({ kind: 'sign', text: m[6] ?? '', end });
  }
  tokens.push({ kind: 'end', text: '', end: query.trimEnd().length });
  return tokens;
}

/** Places count from the statement that the server puts around a filter. Signs are not named. */
function syntaxError(token: Token): ServiceError {
  const keyword = token.kind === 'word' && RESERVED.includes(token.text.toUpperCase());
  const near = token.kind === 'end' || token.kind === 'sign' ? '' : ` near '${keyword ? token.text.toLowerCase() : token.text}'`;
  return bad(`malformed SQL query: syntax error at position ${'select * from table1 where '.length + token.end + 1}${near}`);
}

function resolve(alias: string, typeOf: (name: string) => AttributeType | undefined): Column {
  const bare = alias.replace(/^Temporal/, '');
  const candidates = [alias, bare === 'ScheduleId' ? 'WorkflowId' : bare === alias ? `Temporal${alias}` : bare];
  for (const name of candidates) {
    const type = typeOf(name);
    if (type) return { alias, name, type };
  }
  throw bad(`invalid search attribute: ${alias}`);
}

/** A value of the query as records hold it. */
function checkValue(c: Column, value: Value): Value {
  if (c.name === 'ExecutionStatus') return statusValue(value);
  if (c.name === 'ExecutionDuration') return durationValue(value);
  const goType = typeof value === 'string' ? 'string' : typeof value === 'boolean' ? 'bool' : Number.isInteger(value) ? 'int64' : 'float64';
  const wrong = bad(`${INVALID}: invalid value type for search attribute ${c.alias} of type ${TYPE_NAMES[c.type]}: ${typeof value === 'string' ? JSON.stringify(value) : String(value)} (type: ${goType})`);
  switch (c.type) {
    case 'INT':
    case 'DOUBLE':
      if (typeof value !== 'number') throw wrong;
      return value;
    case 'BOOL':
      if (typeof value !== 'boolean') throw wrong;
      return value;
    case 'DATETIME': {
      if (goType === 'int64') return Math.floor((value as number) / 1_000_000);
      if (typeof value !== 'string') throw wrong;
      const at = parseTimestamp(value);
      if (at === null) throw bad(`${INVALID}: unable to parse datetime '${value}'`);
      return at;
    }
    case 'TEXT':
      if (typeof value !== 'string') throw wrong;
      if (value.trim() === '') throw bad(`${INVALID}: no tokens found filtering on Text type search attribute ${c.alias}`);
      return value;
    case 'KEYWORD':
    case 'KEYWORD_LIST':
      if (typeof value !== 'string') throw wrong;
      return value;
  }
}

function statusValue(value: Value): string {
  if (typeof value === 'number') {
    const status = STATUSES[value - 1];
    if (status) return status;
    throw bad(`${INVALID}: invalid ExecutionStatus value ${value}`);
  }
  if (typeof value === 'boolean') throw bad(`${INVALID}: unexpected value type bool for search attribute ExecutionStatus`);
  const status = STATUSES.find((s) => s === value || `WORKFLOW_EXECUTION_STATUS_${s.replace(/(?<!^)([A-Z])/g, '_$1').toUpperCase()}` === value);
  if (!status) throw bad(`${INVALID}: invalid ExecutionStatus value '${value}'`);
  return status;
}

/** Nanoseconds. */
function durationValue(value: Value): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') throw bad(`${INVALID}: unexpected value type bool for search attribute ExecutionDuration`);
  if (/^-?\d+$/.test(value)) return Number(value);
  const clock = /^(\d+):(\d+):(\d+)$/.exec(value);
  const ms = clock ? ((Number(clock[1]) * 60 + Number(clock[2])) * 60 + Number(clock[3])) * 1000 : parseGoDurationWithDays(value);
  if (typeof ms === 'string') throw bad(`${INVALID}: invalid duration value for search attribute ExecutionDuration: ${value}`);
  return ms * 1_000_000;
}

function order(c: Column, a: Value, b: Value): number {
  // A status is a number to the database.
  if (c.name === 'ExecutionStatus') return STATUSES.indexOf(String(a)) - STATUSES.indexOf(String(b));
  return typeof a === 'string' ? compareText(a, String(b)) : Number(a) - Number(b);
}

function compare(c: Column, operator: string, values: readonly Value[]): Predicate {
  if (!OPERATORS[c.type].includes(operator)) throw bad(`${NOT_SUPPORTED}: operator '${operator}' not supported for ${TYPE_NAMES[c.type]} type search attribute '${c.alias}'`);
  const negated = operator === '!=' || operator.startsWith('NOT ');
  const [first] = values as readonly [Value, ...Value[]];
  if (c.type === 'KEYWORD_LIST') return (record) => ((record[c.name] as readonly string[] | undefined)?.some((item) => values.includes(item)) ?? false) !== negated;
  if (c.type === 'TEXT') {
    const words = wordsOf(String(first));
    return (record) => wordsOf((record[c.name] as string | undefined) ?? '').some((word) => words.includes(word)) !== negated;
  }
  const test = (found: Value): boolean => {
    switch (operator) {
      case '<':
        return order(c, found, first) < 0;
      case '>':
        return order(c, found, first) > 0;
      case '<=':
        return order(c, found, first) <= 0;
      case '>=':
        return order(c, found, first) >= 0;
      case 'STARTS_WITH':
      case 'NOT STARTS_WITH':
        return String(found).startsWith(String(first)) !== negated;
      default:
        return values.some((value) => order(c, found, value) === 0) !== negated;
    }
  };
  return (record) => {
    const found = record[c.name] as Value | undefined;
    return found === undefined ? null : test(found);
  };
}

const wordsOf = (text: string): string[] => text.toLowerCase().split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
