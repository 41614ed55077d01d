import { installPromise } from '../../sandbox/vm/async.ts';
import { installArgumentErrors } from '../../sandbox/vm/argument-errors.ts';
import { installJsonErrors } from '../../sandbox/vm/json-errors.ts';
import { installLocale } from '../../sandbox/vm/locale.ts';
import { installStackTraces } from '../../sandbox/vm/stacks.ts';
import { installDate } from './globals/date.ts';
import { random } from './globals/random.ts';

/** What has to stand before any other module of the bundle runs, because modules keep `Promise`, `Date` and `Math.random` as they find them. */
installStackTraces();
installPromise();
installJsonErrors();
installArgumentErrors();
installDate();
installLocale();
Math.random = random;
for (const name of ['dispose', 'asyncDispose'] as const) {
  if (typeof Symbol[name] !== 'symbol') Object.defineProperty(Symbol, name, { value: Symbol.for(`nodejs.${name}`) });
}
