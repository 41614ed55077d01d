import { isDeepEqual } from './deep-equal.ts';
import { inspect } from './inspect.ts';

/** Node's `assert`, in processes and in the sandbox of workflows. */

interface Details {
  readonly message?: string | Error | undefined;
  readonly actual?: unknown;
  readonly expected?: unknown;
  readonly operator: string;
  readonly generated: string;
}

export class AssertionError extends Error {
  readonly code = 'ERR_ASSERTION';
  readonly actual: unknown;
  readonly expected: unknown;
  readonly operator: string;
  readonly generatedMessage: boolean;
  constructor(details: Partial<Details>) {
    super(typeof details.message === 'string' ? details.message : (details.generated ?? 'Failed'));
    this.name = 'AssertionError';
    this.actual = details.actual;
    this.expected = details.expected;
    this.operator = details.operator ?? 'fail';
    this.generatedMessage = details.message === undefined;
  }
}

function check(passed: boolean, details: Details): void {
  if (passed) return;
  if (details.message instanceof Error) throw details.message;
  throw new AssertionError(details);
}

type Message = string | Error | undefined;
const compare = (operator: string, text: string, test: (a: unknown, b: unknown) => boolean) => (actual: unknown, expected: unknown, message?: Message) =>
  check(test(actual, expected), { message, actual, expected, operator, generated: `${text}\n\n${inspect(actual)} !== ${inspect(expected)}\n` });

/** Does the error match what `throws` and `rejects` expect? */
function expectError(error: any, expected: any, message: Message): void {
  if (expected === undefined) return;
  const details = { message, actual: error, expected, operator: 'throws', generated: `The error does not match: ${inspect(error)}` };
  if (expected instanceof RegExp) return check(expected.test(String(error)), { ...details, generated: `The input did not match the regular expression ${inspect(expected)}. Input:\n\n${inspect(String(error))}\n` });
  if (typeof expected === 'function') {
    if (expected.prototype !== undefined && error instanceof expected) return;
    if (Error.isPrototypeOf(expected)) {
      const received = error instanceof Error ? error.name : inspect(error, { depth: -1 });
      return check(false, { ...details, generated: `The error is expected to be an instance of "${expected.name}". Received "${received}"${error?.message ? `\n\nError message:\n\n${error.message}` : ''}` });
    }
    return check(expected.call({}, error) === true, details);
  }
  for (const key of Object.keys(expected)) {
    const matches = expected[key] instanceof RegExp && typeof error?.[key] === 'string' ? expected[key].test(error[key]) : isDeepEqual(error?.[key], expected[key], true);
    check(matches, details);
  }
}

const split = (expected: unknown, message: Message): [unknown, Message] => (typeof expected === 'string' ? [undefined, expected] : [expected, message]);
const settle = async (input: Promise<unknown> | (() => Promise<unknown>)): Promise<{ failed: boolean; error?: unknown }> => {
  try {
    await (typeof input === 'function' ? input() : input);
    return { failed: false };
  } catch (error) {
    return { failed: true, error };
  }
};

const strictEqual = compare('strictEqual', 'Expected values to be strictly equal:', Object.is);
const unequal = (operator: string, text: string, test: (a: unknown, b: unknown) => boolean) => (actual: unknown, expected: unknown, message?: Message) =>
  check(test(actual, expected), { message, actual, expected, operator, generated: typeof actual === 'object' && actual !== null ? `${text}\n\n${inspect(actual, { compact: false, sorted: true })}\n` : `${text} ${inspect(actual)}` });
const notStrictEqual = unequal('notStrictEqual', 'Expected "actual" to be strictly unequal to:', (a, b) => !Object.is(a, b));
const deepStrictEqual = compare('deepStrictEqual', 'Expected values to be strictly deep-equal:', (a, b) => isDeepEqual(a, b, true));
const notDeepStrictEqual = unequal('notDeepStrictEqual', 'Expected "actual" not to be strictly deep-equal to:', (a, b) => !isDeepEqual(a, b, true));

/** Node shows the expression, where it finds the source: not in a bundle of workflows. */
export const source = { known: true };

function ok(...args: [value?: unknown, message?: Message]): void {
  const [value, message] = args;
  const generated = args.length === 0 ? 'No value argument passed to `assert.ok()`' : source.known ? 'The expression evaluated to a falsy value' : `${inspect(value)} == true`;
  check(Boolean(value), { message, actual: value, expected: true, operator: '==', generated });
}

const assert: any = (...args: [value?: unknown, message?: Message]) => ok(...args);
Object.assign(assert, {
  ok, AssertionError, strictEqual, notStrictEqual, deepStrictEqual, notDeepStrictEqual,
  equal: (actual: unknown, expected: unknown, message?: Message) => check(actual == expected || (Number.isNaN(actual) && Number.isNaN(expected)), { message, actual, expected, operator: '==', generated: `${inspect(actual)} == ${inspect(expected)}` }),
  notEqual: (actual: unknown, expected: unknown, message?: Message) => check(actual != expected, { message, actual, expected, operator: '!=', generated: `${inspect(actual)} != ${inspect(expected)}` }),
  deepEqual: (actual: unknown, expected: unknown, message?: Message) => {
    const [a, b] = [actual, expected].map((value) => inspect(value, { compact: false, sorted: true }));
    check(isDeepEqual(actual, expected, false), { message, actual, expected, operator: 'deepEqual', generated: `Expected values to be loosely deep-equal:\n\n${a}\n\nshould loosely deep-equal\n\n${b}` });
  },
  notDeepEqual: unequal('notDeepEqual', 'Expected "actual" not to be loosely deep-equal to:', (a, b) => !isDeepEqual(a, b, false)),
  match: (text: unknown, pattern: RegExp, message?: Message) => check(typeof text === 'string' && pattern.test(text), { message, actual: text, expected: pattern, operator: 'match', generated: `The input did not match the regular expression ${inspect(pattern)}. Input:\n\n${inspect(text)}\n` }),
  doesNotMatch: (text: unknown, pattern: RegExp, message?: Message) => check(typeof text === 'string' && !pattern.test(text), { message, actual: text, expected: pattern, operator: 'doesNotMatch', generated: `The input was expected to not match the regular expression ${inspect(pattern)}. Input:\n\n${inspect(text)}\n` }),
  fail: (message: Message = 'Failed') => check(false, { message, operator: 'fail', generated: 'Failed' }),
  ifError: (value: unknown) => {
    if (value === null || value === undefined) return;
    throw new AssertionError({ generated: `ifError got unwanted exception: ${value instanceof Error ? value.message : inspect(value)}`, actual: value, operator: 'ifError' });
  },
  throws(fn: () => unknown, expected?: unknown, message?: Message) {
    const [wanted, text] = split(expected, message);
    let caught: { error: unknown } | null = null;
    try {
      fn();
    } catch (error) {
      caught = { error };
    }
    check(caught !== null, { message: text, operator: 'throws', generated: 'Missing expected exception.' });
    expectError(caught?.error, wanted, text);
  },
  doesNotThrow(fn: () => unknown, _expected?: unknown, message?: Message) {
    try {
      fn();
    } catch (error) {
      check(false, { message, actual: error, operator: 'doesNotThrow', generated: `Got unwanted exception.\nActual message: "${(error as Error)?.message}"` });
    }
  },
  async rejects(input: Promise<unknown> | (() => Promise<unknown>), expected?: unknown, message?: Message) {
    const [wanted, text] = split(expected, message);
    const { failed, error } = await settle(input);
    check(failed, { message: text, operator: 'rejects', generated: 'Missing expected rejection.' });
    expectError(error, wanted, text);
  },
  async doesNotReject(input: Promise<unknown> | (() => Promise<unknown>), _expected?: unknown, message?: Message) {
    const { failed, error } = await settle(input);
    check(!failed, { message, actual: error, operator: 'doesNotReject', generated: `Got unwanted rejection.\nActual message: "${(error as Error)?.message}"` });
  },
});
assert.strict = Object.assign((...args: [value?: unknown, message?: Message]) => ok(...args), assert, {
  equal: strictEqual, notEqual: notStrictEqual, deepEqual: deepStrictEqual, notDeepEqual: notDeepStrictEqual,
});
assert.strict.strict = assert.strict;

export default assert;
export const { strict } = assert;
