const list = (names: string): readonly string[] => names.split(' ');
const ASSERT = list('AssertionError deepEqual deepStrictEqual doesNotMatch doesNotReject doesNotThrow equal fail ifError match notDeepEqual notDeepStrictEqual notEqual notStrictEqual ok rejects strict strictEqual throws');

/**
 * What Node's modules have here, for `import { name }`: a name that is missing is refused when the project is loaded, with its place, not when
 * it is used. Kept in step with the modules (engine/process/runtime/builtin) by a test.
 */
export const BUILTIN_NAMES: { readonly [module: string]: readonly string[] } = {
  assert: ASSERT,
  'assert/strict': ASSERT,
  async_hooks: list('AsyncLocalStorage AsyncResource executionAsyncId triggerAsyncId'),
  crypto: list('createCipheriv createDecipheriv createHash createHmac getCiphers getHashes getRandomValues hash randomBytes randomFillSync randomInt randomUUID subtle timingSafeEqual webcrypto'),
  events: list('EventEmitter captureRejectionSymbol defaultMaxListeners errorMonitor getEventListeners listenerCount on once setMaxListeners'),
  path: list('basename delimiter dirname extname format isAbsolute join normalize parse posix relative resolve sep toNamespacedPath'),
  timers: list('clearImmediate clearInterval clearTimeout promises setImmediate setInterval setTimeout'),
  'timers/promises': list('scheduler setImmediate setInterval setTimeout'),
  url: list('URL URLSearchParams fileURLToPath format parse pathToFileURL resolve'),
  util: list('TextDecoder TextEncoder callbackify debug debuglog deprecate format formatWithOptions inherits inspect isArray isDeepStrictEqual parseArgs promisify stripVTControlCharacters styleText toUSVString types'),
};
