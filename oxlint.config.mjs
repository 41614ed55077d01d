import { defineConfig } from 'oxlint';

/** Names that are pure JavaScript in other places and break "a run is a pure function of files, seed and inputs" in ours. */
const impureGlobals = {
  Date: 'Virtual time comes with the step (Timestamp); format and parse it with src/base/time.',
  performance: 'Virtual time comes with the step (Timestamp).',
  Intl: 'Its data differs between engines. Format with src/base; the UI localizes.',
  crypto: 'Draw from a named stream of src/base/random; ids and hashes are in src/base too.',
  setTimeout: 'Put an agenda item at a virtual time.',
  setInterval: 'Put an agenda item at a virtual time.',
  setImmediate: 'Put an agenda item at the present virtual time.',
  clearTimeout: 'Take the agenda item off.',
  clearInterval: 'Take the agenda item off.',
  queueMicrotask: 'Call it, or put an agenda item at the present virtual time.',
  requestAnimationFrame: 'Frames are the UI’s. Put an agenda item.',
  fetch: 'Deliver over the simulated network.',
  WeakRef: 'When memory is collected is chance. Release explicitly.',
  FinalizationRegistry: 'When memory is collected is chance. Release explicitly.',
  process: 'The engine runs in browsers too. Take what you need as an argument.',
  Buffer: 'The engine runs in browsers too. Use Uint8Array with src/base/base64.',
  window: 'The engine runs in a Web Worker and in Node. Take what you need as an argument.',
  document: 'The engine runs in a Web Worker and in Node. Take what you need as an argument.',
  self: 'The engine runs in a Web Worker and in Node. Take what you need as an argument.',
  navigator: 'The engine runs in a Web Worker and in Node. Take what you need as an argument.',
};
const asynchronous = {
  Promise: 'A step is synchronous. Answer later by an agenda item or a parked call (ARCHITECTURE.md).',
};
const restrict = (names) => Object.entries(names).map(([name, message]) => ({ name, message }));

const approximated = 'ECMAScript leaves its digits to the implementation, so browsers may differ. Use integer or rational arithmetic.';
const impureProperties = [
  ...restrict({ ...impureGlobals, ...asynchronous }).map(({ name, message }) => ({ object: 'globalThis', property: name, message })),
  { object: 'Math', property: 'random', message: 'Draw from a named stream of src/base/random.' },
  ...['acos', 'acosh', 'asin', 'asinh', 'atan', 'atan2', 'atanh', 'cbrt', 'cos', 'cosh', 'exp', 'expm1', 'hypot', 'log', 'log10', 'log1p']
    .concat(['log2', 'pow', 'sin', 'sinh', 'tan', 'tanh'])
    .map((property) => ({ object: 'Math', property, message: approximated })),
  { property: 'localeCompare', message: 'Its order differs between machines. Use compareText of src/base/compare.' },
  ...['toLocaleString', 'toLocaleDateString', 'toLocaleTimeString', 'toLocaleUpperCase', 'toLocaleLowerCase'].map((property) => ({
    property,
    message: 'It depends on the machine’s locale. Use the variant without Locale; the UI localizes.',
  })),
];

const pure = ['src/base/**', 'src/api/**', 'src/trace/**', 'src/engine/**'];
/** Runs inside the VM, where these globals are the virtual ones. */
const insideTheVm = ['src/engine/process/runtime/**', 'src/engine/sandbox/vm/**'];
const tests = ['**/*.test.ts', '**/*.test.tsx', '**/*.fuzz.ts'];

export default defineConfig({
  plugins: ['typescript', 'unicorn', 'oxc', 'react', 'import'],
  jsPlugins: ['./scripts/lib/oxlint-purity.mjs'],
  categories: { correctness: 'error', suspicious: 'off', perf: 'off' },
  env: { builtin: true, es2024: true },
  options: { typeAware: true },
  ignorePatterns: ['**/node_modules/**', 'build/**', 'dist/**', 'coverage/**', 'src/api/proto.ts', 'src/api/descriptors.ts', 'src/scenarios/*/project/**', 'conformance/projects/**', 'conformance/goldens/*/**', 'conformance/random/project/**', 'bench/projects/**'],
  rules: {
    eqeqeq: ['error', 'always', { null: 'ignore' }],
    'no-var': 'error',
    'prefer-const': ['error', { ignoreReadBeforeAssign: true }],
    'no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none' }],
    'typescript/no-explicit-any': 'error',
    'typescript/restrict-template-expressions': 'off',
    'typescript/no-base-to-string': 'off', // what a payload holds is unknown, and shown as it is
    'typescript/unbound-method': 'off', // ports are records of functions
    'no-control-regex': 'off',
    'unicorn/no-new-array': 'off',
    // These are about React's compiler, which is not used.
    'react/incompatible-library': 'off',
    'react/immutability': 'off',
    'react/globals': 'off',
    'unicorn/no-useless-spread': 'off', // copies are walked while the original changes
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
    'typescript/await-thenable': 'error',
    'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    'react-hooks/rules-of-hooks': 'off',
    'react/react-in-jsx-scope': 'off',
  },
  overrides: [
    {
      files: pure,
      excludeFiles: [...insideTheVm, ...tests],
      rules: {
        'no-restricted-globals': ['error', ...restrict({ ...impureGlobals, ...asynchronous })],
        'no-restricted-properties': ['error', ...impureProperties],
        'oxc/no-async-await': 'error',
        'typescript/require-array-sort-compare': ['error', { ignoreStringArrays: false }],
        'purity/exact-arithmetic': 'error',
      },
    },
    {
      // The host refills the pool of VM instances between steps; WebAssembly can only be compiled asynchronously.
      files: ['src/engine/sandbox/**'],
      excludeFiles: [...insideTheVm, ...tests],
      rules: { 'no-restricted-globals': ['error', ...restrict(impureGlobals)], 'oxc/no-async-await': 'off' },
    },
    {
      // The VM's own packages bring JavaScript that no type describes, and what stands in for the language's own parts does what they do.
      files: [...insideTheVm, ...tests, '**/testing/**'],
      rules: {
        'typescript/no-explicit-any': 'off',
        'typescript/no-floating-promises': 'off',
        'unicorn/no-thenable': 'off',
      },
    },
    { files: ['src/engine/sandbox/vm/{assert,deep-equal}.ts'], rules: { eqeqeq: 'off' } }, // Node's loose equality is just that
    { files: ['src/ui/**'], rules: { 'react-hooks/rules-of-hooks': 'error', 'react-hooks/exhaustive-deps': 'error' } },
  ],
});
