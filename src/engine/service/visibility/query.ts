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
  /** The attributes that it names, as written. */
  readonly columns: readonly string[];
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
  /** Of a word in backticks or a text: what is in it. */
  readonly text: string;
  /** A word of SQL, in small letters; '' for others. */
  readonly keyword: string;
  /** Where it ends in the query. */
  readonly end: number;
}

/** What stands on a side of a comparison; all but a column and a literal are refused by the name that the server's parser gives them. */
type Operand =
  | { readonly kind: 'column'; readonly name: string }
  | { readonly kind: 'literal'; readonly value: Value; readonly type: 'string' | 'int64' | 'float64' | 'bool' }
  | { readonly kind: 'other'; readonly type: string };

/** A condition that is read but not yet checked: the server checks names and values when it has read the whole query. */
type Checked = () => Predicate;

const bad = (message: string): ServiceError => invalidArgument(`invalid query: ${message}`);
const NOT_SUPPORTED = 'operation is not supported';
const INVALID = 'invalid expression';
const TYPE_NAMES: { readonly [type in AttributeType]: string } = { KEYWORD: 'Keyword', KEYWORD_LIST: 'KeywordList', TEXT: 'Text', INT: 'Int', DOUBLE: 'Double', BOOL: 'Bool', DATETIME: 'Datetime' };
const STATUSES = ['Running', 'Completed', 'Failed', 'Canceled', 'Terminated', 'ContinuedAsNew', 'TimedOut', 'Paused'];
const COMPARISONS = ['=', '!=', '<', '>', '<=', '>=', 'IN', 'NOT IN'];
const OPERATORS: { readonly [type in AttributeType]: readonly string[] } = {
  KEYWORD: [...COMPARISONS, 'STARTS_WITH', 'NOT STARTS_WITH'], KEYWORD_LIST: ['=', '!=', 'IN', 'NOT IN'], TEXT: ['=', '!='], INT: COMPARISONS, DOUBLE: COMPARISONS, BOOL: COMPARISONS, DATETIME: COMPARISONS,
};
const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));
/** Of the server's SQL: no names. */
const RESERVED = words(
  'add and as asc auto_increment between binary by case collate convert create cross current_date current_time current_timestamp substr substring database databases default delete desc describe distinct div drop else end escape exists ' +
    'explain false for force from group having if ignore in index inner insert interval into is join key left like limit localtime localtimestamp lock match maxvalue mod natural next not null on or order outer regexp rename replace ' +
    'right schema select separator set show starts_with straight_join table tables then to true union unique update use using utc_date utc_time utc_timestamp values when where xor',
);
/** May be names, but are read in small letters. */
const KEYWORDS = words(
  'against begin bigint bit blob bool char character charset comment commit committed date datetime decimal double duplicate enum expansion float foreign fulltext global int integer isolation json keys language less level mode names ' +
    'numeric offset only optimize partition point primary procedure query read real repair repeatable rollback session serializable share signed smallint spatial start status text than time timestamp tinyint transaction trigger truncate ' +
    'unsigned variables view with write year zerofill',
);
/** Signs of arithmetic, which no query may use. */
const ARITHMETIC = words('+ - * / % ^ | &');

/** Reads a list filter. `typeOf` knows the attributes of the namespace. Throws InvalidArgument. */
export function parseFilter(query: string, typeOf: (name: string) => AttributeType | undefined): Filter {
  const tokens = tokenize(query);
  let at = 0;
  const peek = (): Token => tokens[at] as Token;
  const is = (text: string): boolean => (peek().kind === 'word' ? peek().keyword === text : peek().kind === 'sign' && peek().text === text);
  const take = (text: string): boolean => {
    if (!is(text)) return false;
    at++;
    return true;
  };
  const need = (text: string): void => {
    if (!take(text)) throw syntaxError(peek());
  };
  const columns: string[] = [];
  const column = (operand: Operand): Column => {
    if (operand.kind !== 'column') throw bad(`${INVALID}: must be a column name but was ${operand.kind === 'other' ? operand.type : operand.type === 'bool' ? 'sqlparser.BoolVal' : '*sqlparser.SQLVal'}`);
    columns.push(operand.name);
    return resolve(operand.name, typeOf);
  };

  function operand(): Operand {
    let left = single();
    while (peek().kind === 'sign' && ARITHMETIC.has(peek().text)) {
      at++;
      single();
      left = { kind: 'other', type: '*sqlparser.BinaryExpr' };
    }
    return left;
  }

  function single(): Operand {
    if (take('!') || take('~')) {
      single();
      return { kind: 'other', type: '*sqlparser.UnaryExpr' };
    }
    if (is('-') || is('+')) {
      const negative = take('-') || !take('+');
      const inner = single();
      if (inner.kind !== 'literal' || typeof inner.value !== 'number') throw syntaxError(peek());
      return negative ? { ...inner, value: -inner.value } : inner;
    }
    const token = peek();
    if (take('(')) {
      operand();
      const list = is(',');
      while (take(',')) operand();
      need(')');
      return { kind: 'other', type: list ? 'sqlparser.ValTuple' : '*sqlparser.ParenExpr' };
    }
    at++;
    if (token.kind === 'text') return { kind: 'literal', value: token.text, type: 'string' };
    if (token.kind === 'number') return { kind: 'literal', value: Number(token.text), type: /^\d+$/.test(token.text) && Number(token.text) < 2 ** 63 ? 'int64' : 'float64' };
    if (token.kind !== 'word') throw syntaxError(token);
    if (token.keyword === 'true' || token.keyword === 'false') return { kind: 'literal', value: token.keyword === 'true', type: 'bool' };
    if (token.keyword === 'null') return { kind: 'other', type: '*sqlparser.NullVal' };
    if (RESERVED.has(token.keyword)) throw syntaxError(token);
    if (!take('(')) return { kind: 'column', name: token.keyword || token.text };
    if (!is(')')) do operand(); while (take(','));
    need(')');
    return { kind: 'other', type: '*sqlparser.FuncExpr' };
  }

  const either = (): Checked => chain('or', both, true);
  const both = (): Checked => chain('and', not, false);

  /** Conditions with a word between them; one that is `decisive` settles it, whatever is unknown (null) beside it. */
  function chain(word: string, next: () => Checked, decisive: boolean): Checked {
    let left = next();
    while (take(word)) {
      const [first, second] = [left, next()];
      left = () => {
        const [a, b] = [first(), second()];
        return (record) => {
          const [x, y] = [a(record), b(record)];
          return x === decisive || y === decisive ? decisive : x === null || y === null ? null : !decisive;
        };
      };
    }
    return left;
  }

  function not(): Checked {
    if (!take('not')) return condition();
    const inner = not();
    return () => {
      const test = inner();
      return (record) => {
        const result = test(record);
        return result === null ? null : !result;
      };
    };
  }

  function condition(): Checked {
    const start = at;
    if (take('(')) {
      const inner = either();
      // `(a, b) = …` and `(a) + 1 = …` are no conditions in parentheses.
      const closed = take(')');
      if (closed && !COMPARISONS.includes(peek().text) && !ARITHMETIC.has(peek().text)) return inner;
      if (!closed && !is(',')) throw syntaxError(peek());
      at = start;
    }
    const left = operand();
    if (take('is')) {
      const negated = take('not');
      if (take('null')) {
        return () => {
          const { name } = column(left);
          return (record) => (record[name] === undefined) !== negated;
        };
      }
      if (!take('true') && !take('false')) throw syntaxError(peek());
      return () => {
        column(left);
        throw bad(`${INVALID}: 'IS' operator can only be used as 'IS NULL' or 'IS NOT NULL'`);
      };
    }
    const negated = take('not');
    if (take('between')) {
      const low = operand();
      need('and');
      const high = operand();
      return () => {
        const c = column(left);
        if (!['DATETIME', 'DOUBLE', 'INT', 'KEYWORD'].includes(c.type)) throw bad(`${INVALID}: cannot do range condition on search attribute '${c.alias}' of type ${TYPE_NAMES[c.type]}`);
        const [from, to] = [readValue(c, low), readValue(c, high)];
        return (record) => {
          const found = record[c.name] as Value | undefined;
          return found === undefined ? null : (order(c, found, from) >= 0 && order(c, found, to) <= 0) !== negated;
        };
      };
    }
    if (take('in')) {
      need('(');
      if (is('select')) throw syntaxError(peek());
      const list = [operand()];
      while (take(',')) list.push(operand());
      need(')');
      return () => {
        const c = column(left);
        return compare(c, negated ? 'NOT IN' : 'IN', list.map((item) => readValue(c, item)));
      };
    }
    const operator = readOperator(negated);
    if (operator === null) return () => incomplete(left);
    const right = operand();
    return () => {
      const c = column(left);
      return compare(c, operator, [readValue(c, right)]);
    };
  }

  function readOperator(negated: boolean): string | null {
    const token = peek();
    if (token.kind === 'word' && ['starts_with', 'like', 'regexp'].includes(token.keyword)) {
      at++;
      return `${negated ? 'NOT ' : ''}${token.keyword.toUpperCase()}`;
    }
    if (negated) throw syntaxError(token);
    if (token.kind !== 'sign' || ![...COMPARISONS, '<>', '<=>'].includes(token.text)) return null;
    at++;
    return token.text === '<>' ? '!=' : token.text;
  }

  // A filter may be empty, or nothing but what follows one.
  const bare = query.trim() === '' || /^\s*(order|group) by/i.test(query);
  const where = bare ? () => () => true : either();
  const list = (word: string): Operand[] => {
    const found: Operand[] = [];
    if (!take(word)) return found;
    need('by');
    do {
      found.push(operand());
      if (word === 'order' && !take('asc')) take('desc');
    } while (take(','));
    return found;
  };
  const groups = list('group');
  const orders = list('order');
  const limited = take('limit');
  if (limited) do operand(); while (take(',') || take('offset'));
  take(';');
  if (peek().kind !== 'end') throw syntaxError(peek());

  if (limited) throw bad(`${NOT_SUPPORTED}: 'LIMIT' clause`);
  const predicate = where();
  if (groups.length > 1) throw bad(`${NOT_SUPPORTED}: 'GROUP BY' clause supports only a single field`);
  const group = groups[0] && column(groups[0]);
  if (group && group.name !== 'ExecutionStatus' && group.name !== 'TemporalNamespaceDivision') throw bad(`${NOT_SUPPORTED}: 'GROUP BY' clause is not supported for search attribute ${group.alias}`);
  orders.forEach(column);
  if (orders.length > 0) throw bad(`${NOT_SUPPORTED}: 'ORDER BY' clause`);
  return { matches: (record) => predicate(record) === true, groupBy: group?.name ?? null, columns };
}

/** What no condition is, alone. */
function incomplete(operand: Operand): never {
  if (operand.kind === 'column') throw bad(`${INVALID}: incomplete expression`);
  if (operand.kind === 'literal') throw bad(`${NOT_SUPPORTED}: expression of type ${operand.type === 'bool' ? 'sqlparser.BoolVal' : '*sqlparser.SQLVal'}`);
  throw bad(operand.type === '*sqlparser.FuncExpr' ? `${NOT_SUPPORTED}: function expression` : `${NOT_SUPPORTED}: expression of type ${operand.type}`);
}

function tokenize(query: string): Token[] {
  const tokens: Token[] = [];
  const pattern = /(?:\s|--[^\n]*|#[^\n]*|\/\*[^]*?\*\/)*(?:'((?:[^'\\]|\\.|'')*)'|"((?:[^"\\]|\\.|"")*)"|(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)|`([^`]+)`|([A-Za-z_@][\w.@]*)|(<=>|<=|>=|!=|<>|&&|\|\||[^]))/y;
  const length = query.trimEnd().replace(/\s*(--[^\n]*|#[^\n]*|\/\*[^]*?\*\/)$/, '').length;
  while (pattern.lastIndex < length) {
    const m = pattern.exec(query) as RegExpExecArray;
    const end = pattern.lastIndex;
    const quoted = m[1] ?? m[2];
    const word = m[5];
    const sign = m[6];
    if (quoted !== undefined) tokens.push({ kind: 'text', text: quoted.replace(/''|""|\\(.)/g, (pair: string, escaped: string | undefined) => escaped ?? pair[0] ?? ''), keyword: '', end });
    else if (m[3] !== undefined) tokens.push({ kind: 'number', text: m[3], keyword: '', end });
    else if (m[4] !== undefined) tokens.push({ kind: 'word', text: m[4], keyword: '', end });
    else if (word !== undefined) {
      const small = word.toLowerCase();
      tokens.push({ kind: 'word', text: word, keyword: RESERVED.has(small) || KEYWORDS.has(small) ? small : '', end });
    } else if (sign === '&&' || sign === '||') tokens.push({ kind: 'word', text: sign, keyword: sign === '&&' ? 'and' : 'or', end });
    else if (sign === "'" || sign === '"') {
      // Never closed: read to the end.
      tokens.push({ kind: 'text', text: query.slice(end), keyword: 'unclosed', end: query.length });
      break;
    } else tokens.push({ kind: 'sign', text: sign ?? '', keyword: '', end });
  }
  tokens.push({ kind: 'end', text: '', keyword: '', end: length });
  const unclosed = tokens.find((token) => token.keyword === 'unclosed');
  if (unclosed) throw syntaxError(unclosed);
  return tokens;
}

/** Places count from the statement that the server puts around a filter. Signs are not named. */
function syntaxError(token: Token): ServiceError {
  const near = token.kind === 'end' || token.kind === 'sign' ? '' : ` near '${token.kind === 'word' ? token.keyword || token.text : token.text}'`;
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
function readValue(c: Column, operand: Operand): Value {
  if (operand.kind === 'column') throw bad(`${NOT_SUPPORTED}: column name on the right side of comparison expression (did you forget to quote "${operand.name}"?)`);
  if (operand.kind === 'other') throw bad(operand.type === '*sqlparser.FuncExpr' ? `${NOT_SUPPORTED}: nested func` : `${INVALID}: unexpected value type ${operand.type}`);
  const { value, type } = operand;
  const wrong = bad(`${INVALID}: invalid value type for search attribute ${c.alias} of type ${TYPE_NAMES[c.type]}: ${typeof value === 'string' ? JSON.stringify(value) : String(value)} (type: ${type})`);
  if (type !== 'bool' && (c.name === 'ExecutionStatus' || c.name === 'ExecutionDuration')) {
    if (type === 'float64') throw bad(`${INVALID}: unexpected value type float64 for search attribute ${c.name}`);
    return c.name === 'ExecutionStatus' ? statusValue(value) : durationValue(value);
  }
  switch (c.type) {
    case 'INT':
    case 'DOUBLE':
      if (typeof value !== 'number') throw wrong;
      return value;
    case 'BOOL':
      if (typeof value !== 'boolean') throw wrong;
      return value;
    case 'DATETIME': {
      if (type === 'int64') return Math.floor((value as number) / 1_000_000);
      if (typeof value !== 'string') throw wrong;
      const at = /[a-z]/.test(value) ? null : parseTimestamp(value.replace(/(:\d\d),(\d)/, '$1.$2'));
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

/** A status by name or number; there is one that no execution has. */
function statusValue(value: Value): string {
  if (typeof value === 'number') {
    const status = value === 0 ? 'Unspecified' : STATUSES[value - 1];
    if (status) return status;
    throw bad(`${INVALID}: invalid ExecutionStatus value ${value}`);
  }
  const status = ['Unspecified', ...STATUSES].find((s) => s === value || `WORKFLOW_EXECUTION_STATUS_${s.replace(/(?<!^)([A-Z])/g, '_$1').toUpperCase()}` === value);
  if (!status) throw bad(`${INVALID}: invalid ExecutionStatus value '${value}'`);
  return status;
}

/** Nanoseconds. */
function durationValue(value: Value): number {
  if (typeof value === 'number') return value;
  const text = String(value);
  if (/^-?\d+$/.test(text)) return Number(text);
  const clock = /^(\d+):([0-5]?\d):([0-5]?\d)$/.exec(text);
  const ms = clock ? ((Number(clock[1]) * 60 + Number(clock[2])) * 60 + Number(clock[3])) * 1000 : parseGoDurationWithDays(text);
  if (typeof ms === 'string') throw bad(`${INVALID}: invalid duration value for search attribute ExecutionDuration: ${text}`);
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
        // The development server's database (SQLite) takes letters of both cases for the same.
        return smallLetters(String(found)).startsWith(smallLetters(String(first))) !== negated;
      default:
        return values.some((value) => order(c, found, value) === 0) !== negated;
    }
  };
  return (record) => {
    const found = record[c.name] as Value | undefined;
    return found === undefined ? null : test(found);
  };
}

const smallLetters = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

const wordsOf = (text: string): string[] => text.toLowerCase().split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
