// The import boundaries of ARCHITECTURE.md, type imports included. Each area names all that it may import besides itself; anything
// else, npm packages and Node's own modules too, is a violation. Tests, src/testing, conformance, bench and e2e may import all.

const entries = 'src/trace/entries\\.ts$';
const ports = 'src/engine/ports\\.ts$';
const packages = 'node_modules/';
const nodeModules = '(node:)?(fs|path|url|os|process|module|child_process|worker_threads|util|crypto)(/promises)?$';
const styles = '.*\\.css$';
const assets = '[^?]+[.](wasm|json|svg|md|txt|bin)$';
/** Files whose address Vite gives. */
const addresses = '[^?]+[?]url$';

const everythingBut = (...areas) => [`src/(?!(${areas.join('|')})/)`, packages];

const mayImport = {
  base: [],
  i18n: [],
  api: ['src/base/'],
  trace: ['src/base/', 'src/api/'],
  'engine/service': ['src/base/', 'src/api/', entries, ports],
  'engine/core': ['src/base/', 'src/api/', entries, ports],
  'engine/sandbox': ['src/base/', 'src/api/', entries, ports, packages, assets],
  // What lies in runtime/ is bundled for the VM: its packages are the project code's, not the engine's, and `os` is the VM's own.
  'engine/process/runtime': ['src/base/', 'src/api/', 'src/engine/process/', 'src/engine/sandbox/vm/', ports, 'node_modules/(@temporalio|@grpc|@noble|buffer|long|ms|nanoid|uuid)/', 'os$'],
  'engine/process': ['src/base/', 'src/api/', entries, ports, 'src/engine/core/', 'src/engine/sandbox/'],
  'engine/checkers': ['src/base/', 'src/api/', 'src/trace/', ports, 'src/engine/service/', 'src/engine/process/'],
  'engine/simulation': ['src/base/', 'src/api/', 'src/trace/', 'src/engine/'],
  compile: ['src/base/', 'src/api/sandbox\\.ts$', 'node_modules/typescript/'],
  protocol: ['src/base/', 'src/api/', 'src/trace/'],
  scenarios: ['src/base/', 'src/api/', 'src/trace/'],
  host: [...everythingBut('ui', 'client', 'testing'), assets, addresses],
  headless: [...everythingBut('ui', 'client', 'testing'), nodeModules, assets],
  client: ['src/base/', 'src/trace/', 'src/protocol/', packages],
  ui: [...everythingBut('engine', 'host', 'headless', 'testing'), styles, assets],
};

/** Areas inside another area, which that area's own rule leaves out. */
const inside = { 'engine/process': 'src/engine/process/runtime/' };
const tests = ['[.](test|fuzz)[.]tsx?$', '/testing/', '/testing[.]ts$'];

const areaRules = Object.entries(mayImport).map(([area, allowed]) => ({
  name: `what-${area.replaceAll('/', '-')}-may-import`,
  comment: `src/${area} may import, besides itself: ${allowed.join(' ') || 'nothing'}`,
  severity: 'error',
  from: { path: `^src/${area}/`, pathNot: [...tests, ...(inside[area] ? [`^${inside[area]}`] : [])] },
  to: { pathNot: [`src/${area}/`, ...allowed].map((path) => `^${path}`) },
}));

export default {
  forbidden: [
    ...areaRules,
    {
      name: 'trace-entries-as-types',
      comment: 'The engine below the simulation knows the shape of trace entries, not how a trace is kept.',
      severity: 'error',
      from: { path: '^src/engine/(service|core|sandbox|process)/', pathNot: tests },
      to: { path: `^${entries}`, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'panes-never-import-panes',
      severity: 'error',
      from: { path: '^src/ui/panes/([^/]+)/' },
      to: { path: '^src/ui/panes/[^/]+/', pathNot: '^src/ui/panes/$1/' },
    },
    {
      name: 'projects-are-text',
      comment: 'Project code runs in the VM. Load it as text plus compiled output.',
      severity: 'error',
      from: { pathNot: '^src/scenarios/[^/]+/project/' },
      to: { path: '^src/scenarios/[^/]+/project/' },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^virtual:|[?]' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['^src/scenarios/[^/]+/project/', '^conformance/projects/', '^(dist|build)/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
