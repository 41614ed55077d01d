import { positionInStack } from '../../sandbox/vm/stacks.ts';
import { formatError, formatLogValue } from './globals/console.ts';
import { lifecycle } from './kernel.ts';

/** What the log says of an error that nobody caught: the place in the project's source first. */
lifecycle.describeError = (error) => {
  const place = positionInStack((error as { stack?: unknown } | null | undefined)?.stack);
  const position = place && { file: place.file, line: place.line };
  const text = error instanceof Error ? formatError(error) : `Uncaught ${formatLogValue(error)}`;
  return { text: position ? `${position.file}:${position.line}\n${text}` : text, message: error instanceof Error ? `${error.name}: ${error.message}` : formatLogValue(error), position };
};
