/** What `npm run check` runs, the slowest first. @type {import('./stages.mjs').Stage[]} */
export const staticChecks = [
  { name: 'types', node: ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'] },
  { name: 'types of the engine, without DOM and Node', node: ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.engine.json'] },
  { name: 'types of the Temporal projects', node: ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.projects.json'] },
  { name: 'types of the scripts', node: ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.scripts.json'] },
  { name: 'lint and engine purity', node: ['node_modules/oxlint/bin/oxlint', '-c', 'oxlint.config.mjs', '--type-aware', '--deny-warnings'] },
  {
    name: 'import boundaries',
    node: ['node_modules/dependency-cruiser/bin/dependency-cruise.mjs', '--config', '.dependency-cruiser.mjs', 'src', 'conformance', 'bench', 'e2e'],
  },
  { name: 'unused files, exports and packages', node: ['node_modules/knip/bin/knip.js', '--no-progress'] },
];
