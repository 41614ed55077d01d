import ts from 'typescript';
import { asyncBodies } from './async-bodies.ts';
import { tracing } from './tracing.ts';

/** One file, lowered. */
export interface Lowered {
  /** Body of `function (exports, require, module, __filename, __dirname)`. */
  readonly code: string;
  /** `mappings` of its source map. */
  readonly mappings: string;
  /** Specifiers that the code requires when it runs, with their place in the source; type-only imports are gone. */
  readonly specifiers: readonly { readonly text: string; readonly line: number; readonly column: number }[];
  /** Files that the code names as a path (`require.resolve('./workflows')`, `new URL('./workflows.ts', import.meta.url)`, `path.join(__dirname, 'workflows')`); they may be no modules. */
  readonly paths: readonly string[];
  /** It makes up what it requires when it runs (`require.resolve(`./${name}`)`), which may be any file of the project. */
  readonly computed: boolean;
  /** Names that the code imports from each module by `import { name }` or `export { name } from`, as far as it uses them as values. */
  readonly names: readonly { readonly specifier: string; readonly name: string; readonly line: number; readonly column: number }[];
  /** What the module imports before it runs. */
  readonly statics: readonly string[];
  /** It has a top-level await, or `awaitsImports` was set. */
  readonly awaits: boolean;
  readonly errors: readonly { readonly line: number; readonly column: number; readonly message: string }[];
}

/** What is taken from the project's tsconfig.json. */
export interface LowerOptions {
  readonly experimentalDecorators?: boolean;
  readonly emitDecoratorMetadata?: boolean;
  /** Class fields as the standard has them; default true. */
  readonly useDefineForClassFields?: boolean;
}

/** How one file is lowered. */
export interface FileOptions extends LowerOptions {
  /** Something that it imports has a top-level await: the module goes on when that is through. */
  readonly awaitsImports?: boolean;
}

/**
 * TypeScript or JavaScript, ES module or CommonJS, to a CommonJS body in ES2016: every await becomes a `.then()`, in exactly the order of
 * microtasks that V8 has.
 * @param path decides the language by its extension
 * @param traceIndex `__t(traceIndex * 100000 + line)` goes before each statement; null for none
 */
export function lower(path: string, source: string, traceIndex: number | null, options: FileOptions = {}): Lowered {
  const specifiers: { text: string; line: number; column: number }[] = [];
  const paths: string[] = [];
  let computed = false;
  const imported: { specifier: string; name: string; line: number; column: number }[] = [];
  let awaits = false;
  const statics: string[] = [];
  const result = ts.transpileModule(source, {
    fileName: path.replace(/\.[cm]([jt]s)$/, '.$1'), // by its name alone, TypeScript would leave an ES module one
    reportDiagnostics: true,
    compilerOptions: {
      target: ts.ScriptTarget.ES2016,
      module: ts.ModuleKind.CommonJS,
      esModuleInterop: true,
      allowJs: true,
      sourceMap: true,
      removeComments: true,
      jsx: ts.JsxEmit.React,
      ignoreDeprecations: '6.0',
      experimentalDecorators: options.experimentalDecorators ?? false,
      emitDecoratorMetadata: options.emitDecoratorMetadata ?? false,
      useDefineForClassFields: options.useDefineForClassFields ?? true,
    },
    transformers: {
      before: [
        (context) => (file) => {
          awaits = options.awaitsImports === true || hasTopLevelAwait(file);
          for (const { text } of staticImports(file)) statics.push(text);
          collectPaths(file, paths);
          collectNames(file, source, imported);
          const traced = traceIndex === null ? file : tracing(context, file, traceIndex);
          const awaited = awaits ? wrapTopLevelAwait(context.factory, traced, options.awaitsImports === true) : traced;
          return ts.visitEachChild(source.includes(NODE_ENV) ? nodeEnv(context, awaited) : awaited, importMeta(context), context);
        },
      ],
      after: [(context) => (file) => asyncBodies(context, collectRequires(context, file, source, specifiers, paths, () => (computed = true)), traceIndex !== null)],
    },
  });
  const errors = (result.diagnostics ?? [])
    .filter((diagnostic) => diagnostic.category === ts.DiagnosticCategory.Error)
    .map((diagnostic) => ({ ...placeOf(source, diagnostic.start ?? 0), message: ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n') }));
  let code = result.outputText.replace(/\n?\/\/# sourceMappingURL=.*\s*$/, '\n');
  // The VM brings a quicker helper (sandbox/vm/async.ts). On the same line, because of the source map.
  code = code.replace('var __awaiter = (this && this.__awaiter) ||', 'var __awaiter = globalThis.__async ? (self, args, _, body) => globalThis.__async(self, args, body) :');
  if (awaits) code += 'return module.__pending;\n';
  const mappings = result.sourceMapText === undefined ? '' : (JSON.parse(result.sourceMapText) as { mappings: string }).mappings;
  // What is imported and never used as a value is gone; what remains is read from the module's own variable.
  const used = new Set(Array.from(code.matchAll(/_\d+\.([\w$\p{L}]+)/gu), ([, name]) => name));
  const names = imported.filter(({ name }) => used.has(name));
  return { code, mappings, specifiers, paths, computed, names, statics, awaits, errors };
}

const NODE_ENV = 'process.env.NODE_ENV';

/**
 * `process.env.NODE_ENV` is 'development' where there is no `process`: the genuine bundler puts it into workflow code, and many packages ask.
 */
function nodeEnv(context: ts.TransformationContext, file: ts.SourceFile): ts.SourceFile {
  const { factory } = context;
  const isNodeEnv = (node: ts.Node): node is ts.Expression =>
    ts.isPropertyAccessExpression(node) && node.name.text === 'NODE_ENV' && ts.isPropertyAccessExpression(node.expression) && node.expression.name.text === 'env' && ts.isIdentifier(node.expression.expression) && node.expression.expression.text === 'process';
  const visit = (node: ts.Node): ts.Node => {
    if (ts.isBinaryExpression(node) && isNodeEnv(node.left) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken) return factory.updateBinaryExpression(node, node.left, node.operatorToken, ts.visitNode(node.right, visit) as ts.Expression);
    if (!isNodeEnv(node)) return ts.visitEachChild(node, visit, context);
    const none = factory.createStrictEquality(factory.createTypeOfExpression(factory.createIdentifier('process')), factory.createStringLiteral('undefined'));
    return factory.createParenthesizedExpression(factory.createConditionalExpression(none, undefined, factory.createStringLiteral('development'), undefined, node));
  };
  return ts.visitEachChild(file, visit, context);
}

/** Line and column, both from 1. */
function placeOf(source: string, offset: number): { line: number; column: number } {
  const before = source.slice(0, offset);
  const line = before.split('\n').length;
  return { line, column: offset - before.lastIndexOf('\n') };
}

/** `import.meta` → an object with url, filename and dirname. */
function importMeta(context: ts.TransformationContext): ts.Visitor {
  const { factory } = context;
  const visit: ts.Visitor = (node) => {
    if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword) {
      const property = (name: string, value: ts.Expression): ts.ObjectLiteralElementLike => factory.createPropertyAssignment(name, value);
      const id = (name: string): ts.Identifier => factory.createIdentifier(name);
      return factory.createParenthesizedExpression(
        factory.createObjectLiteralExpression([
          property('url', factory.createAdd(factory.createStringLiteral('file://'), id('__filename'))),
          property('filename', id('__filename')),
          property('dirname', id('__dirname')),
          property('resolve', factory.createArrowFunction(undefined, undefined, [factory.createParameterDeclaration(undefined, undefined, 's')], undefined, undefined,
            factory.createAdd(factory.createStringLiteral('file://'), factory.createCallExpression(factory.createPropertyAccessExpression(id('require'), 'resolve'), undefined, [id('s')])))),
        ]),
      );
    }
    return ts.visitEachChild(node, visit, context);
  };
  return visit;
}

/** Modules of `import … from` and `export … from`, but for those of types only. */
function staticImports(file: ts.SourceFile): ts.StringLiteral[] {
  return file.statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return [];
    const typesOnly = ts.isImportDeclaration(statement) ? statement.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword : statement.isTypeOnly;
    return !typesOnly && statement.moduleSpecifier && ts.isStringLiteral(statement.moduleSpecifier) ? [statement.moduleSpecifier] : [];
  });
}

function hasTopLevelAwait(file: ts.SourceFile): boolean {
  let found = false;
  const visit = (node: ts.Node): void => {
    if (found || ts.isFunctionLike(node) || ts.isClassStaticBlockDeclaration(node)) return;
    if (ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier)) found = true;
    else ts.forEachChild(node, visit);
  };
  ts.forEachChild(file, visit);
  return found;
}

/**
 * Puts what runs into an async function, whose promise the module returns. Functions stay outside, as they are there from the start; the
 * variables that they share with the rest are declared outside too.
 * @param awaitsImports it begins when the imported modules are through (`__pending` of sandbox/vm/modules.ts)
 */
function wrapTopLevelAwait(factory: ts.NodeFactory, file: ts.SourceFile, awaitsImports: boolean): ts.SourceFile {
  const outside = (node: ts.Statement): boolean =>
    ts.isImportDeclaration(node) || ts.isImportEqualsDeclaration(node) || ts.isExportDeclaration(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) ||
    ts.isFunctionDeclaration(node) || ts.isEnumDeclaration(node) || (isExported(node) && !ts.isVariableStatement(node) && !(ts.isClassDeclaration(node) && node.name));
  const shared = file.statements.flatMap((node) => {
    if (ts.isVariableStatement(node) && !isExported(node)) return node.declarationList.declarations.flatMap(({ name }) => boundNames(name));
    return ts.isClassDeclaration(node) && node.name ? [node.name.text] : [];
  });
  const variables = shared.length === 0 ? [] : [factory.createVariableStatement(undefined, factory.createVariableDeclarationList(shared.map((name) => factory.createVariableDeclaration(name)), ts.NodeFlags.Let))];
  const head = file.statements.filter(outside);
  const body = file.statements.filter((statement) => !outside(statement)).flatMap((statement) => assigned(factory, statement));
  const pending = factory.createCallExpression(factory.createPropertyAccessExpression(factory.createIdentifier('require'), '__pending'), undefined, []);
  const begin = awaitsImports ? [factory.createExpressionStatement(factory.createAwaitExpression(pending))] : [];
  const run = factory.createCallExpression(asyncFunction(factory, [...begin, ...body]), undefined, []);
  const keep = factory.createExpressionStatement(factory.createAssignment(factory.createPropertyAccessExpression(factory.createIdentifier('module'), '__pending'), run));
  return factory.updateSourceFile(file, [...head, ...variables, keep]);
}

const isExported = (node: ts.Statement): boolean => ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword);

const boundNames = (name: ts.BindingName): string[] => (ts.isIdentifier(name) ? [name.text] : name.elements.flatMap((element) => (ts.isBindingElement(element) ? boundNames(element.name) : [])));

const asyncFunction = (factory: ts.NodeFactory, body: readonly ts.Statement[]): ts.Expression =>
  factory.createParenthesizedExpression(factory.createArrowFunction([factory.createModifier(ts.SyntaxKind.AsyncKeyword)], undefined, [], undefined, undefined, factory.createBlock(body, true)));

/** A declaration as the assignment to what is declared outside: `v = …`, and `exports.v = …` for what is exported. */
function assigned(factory: ts.NodeFactory, statement: ts.Statement): ts.Statement[] {
  const member = (name: string): ts.Expression => factory.createPropertyAccessExpression(factory.createIdentifier('exports'), name);
  const assign = (target: ts.Expression, value: ts.Expression): ts.Statement => factory.createExpressionStatement(factory.createAssignment(target, value));
  if (ts.isExportAssignment(statement)) return [assign(member('default'), statement.expression)];
  if (ts.isClassDeclaration(statement) && statement.name) {
    const modifiers = statement.modifiers?.filter(({ kind }) => kind !== ts.SyntaxKind.ExportKeyword && kind !== ts.SyntaxKind.DefaultKeyword);
    const made = factory.createAssignment(factory.createIdentifier(statement.name.text), factory.createClassExpression(modifiers, statement.name, undefined, statement.heritageClauses, statement.members));
    const isDefault = statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword) === true;
    return [isExported(statement) ? assign(member(isDefault ? 'default' : statement.name.text), made) : factory.createExpressionStatement(made)];
  }
  if (!ts.isVariableStatement(statement)) return [statement];
  const target = isExported(statement) ? member : (name: string): ts.Expression => factory.createIdentifier(name);
  return statement.declarationList.declarations.flatMap((declaration): ts.Statement[] => {
    const { name, initializer } = declaration;
    if (!initializer) return [];
    if (ts.isIdentifier(name)) return [assign(target(name.text), initializer)];
    // A pattern is taken apart in a function of its own, which may await, and gives the values in their order.
    const names = boundNames(name);
    const taken = factory.createVariableStatement(undefined, factory.createVariableDeclarationList([factory.createVariableDeclaration(name, undefined, undefined, initializer)], ts.NodeFlags.Const));
    const values = factory.createReturnStatement(factory.createArrayLiteralExpression(names.map((text) => factory.createIdentifier(text))));
    return [assign(factory.createArrayLiteralExpression(names.map(target)), factory.createAwaitExpression(factory.createCallExpression(asyncFunction(factory, [taken, values]), undefined, [])))];
  });
}

/** Notes what the file imports by name. */
function collectNames(file: ts.SourceFile, source: string, into: { specifier: string; name: string; line: number; column: number }[]): void {
  for (const { parent: statement, text: specifier } of staticImports(file)) {
    const named = ts.isImportDeclaration(statement) ? statement.importClause?.namedBindings : ts.isExportDeclaration(statement) ? statement.exportClause : undefined;
    if (!named || (!ts.isNamedImports(named) && !ts.isNamedExports(named))) continue;
    for (const element of named.elements) {
      const { text } = element.propertyName ?? element.name;
      if (!element.isTypeOnly && /^[\w$]+$/.test(text)) into.push({ specifier, name: text, ...placeOf(source, element.getStart(file)) });
    }
  }
}

/** Notes text literals beside `import.meta.url` or `__dirname` in one call. */
function collectPaths(file: ts.SourceFile, into: string[]): void {
  const isHere = (node: ts.Node): boolean => (ts.isIdentifier(node) && node.text === '__dirname') || (ts.isPropertyAccessExpression(node) && ts.isMetaProperty(node.expression));
  const visit = (node: ts.Node): void => {
    if ((ts.isCallExpression(node) || ts.isNewExpression(node)) && node.arguments?.some(isHere)) {
      const parts = node.arguments.filter(ts.isStringLiteralLike).map(({ text }) => text);
      if (parts.length > 0) into.push(`./${parts.join('/')}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
}

/** Notes `require("x")` and `require.resolve("x")` in the lowered file, and tells of those whose argument is no text. */
function collectRequires(context: ts.TransformationContext, file: ts.SourceFile, source: string, into: { text: string; line: number; column: number }[], paths: string[], onComputed: () => void): ts.SourceFile {
  const seen = new Set<string>();
  const note = (text: string): void => {
    if (seen.has(text)) return;
    seen.add(text);
    const at = [`'${text}'`, `"${text}"`, `\`${text}\``].map((quoted) => source.indexOf(quoted)).find((index) => index >= 0);
    into.push({ text, ...placeOf(source, at ?? 0) });
  };
  const visit: ts.Visitor = (node) => {
    if (ts.isCallExpression(node)) {
      const [argument] = node.arguments;
      const callee = node.expression;
      const isRequire = ts.isIdentifier(callee) && callee.text === 'require';
      const isResolve = ts.isPropertyAccessExpression(callee) && ts.isIdentifier(callee.expression) && callee.expression.text === 'require' && callee.name.text === 'resolve';
      if (argument && ts.isStringLiteralLike(argument)) {
        if (isRequire) note(argument.text);
        // It may never run: production code asks for a bundle that is built.
        if (isResolve && argument.text.startsWith('.')) paths.push(argument.text);
        else if (isResolve) note(argument.text);
      } else if (argument && (isRequire || isResolve)) onComputed();
    }
    const visited = ts.visitEachChild(node, visit, context);
    // Of `import(…)` TypeScript makes a function that gives the module: which it does when the module has been run, top-level awaits and all.
    if (!ts.isArrowFunction(visited) || !isImportStar(visited.body)) return visited;
    const { factory } = context;
    const loaded = factory.createCallExpression(factory.createPropertyAccessExpression(factory.createIdentifier('require'), '__loaded'), undefined, [visited.body]);
    return factory.updateArrowFunction(visited, visited.modifiers, visited.typeParameters, visited.parameters, visited.type, visited.equalsGreaterThanToken, loaded);
  };
  return ts.visitEachChild(file, visit, context);
}

const isImportStar = (node: ts.ConciseBody): node is ts.CallExpression => ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === '__importStar';
