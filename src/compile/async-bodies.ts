import ts from 'typescript';

/**
 * Gives the generators of lowered async functions the names of their functions, as `async$name`: a stack trace shows the generator where V8
 * shows the function (sandbox/vm/stacks.ts). The prefix keeps the name from hiding anything that the code refers to.
 *
 * With `sites`, what is awaited goes through `__w(value, "line:column:name", __filename)`: the place that `__stack_trace` answers
 * (sandbox/vm/async.ts). A generator that waits has left the stack, so that only the code itself can say where it is.
 */
export function asyncBodies(context: ts.TransformationContext, file: ts.SourceFile, sites: boolean): ts.SourceFile {
  const { factory } = context;
  const site = (awaited: ts.AwaitExpression): string => {
    const { at, name: called } = awaitedAt(awaited, imports);
    const { line, character } = ts.getLineAndCharacterOfPosition(source, at.getStart(source));
    return `${line + 1}:${character}:${called ?? name?.replace('$$', '.') ?? ''}`;
  };
  const source = ts.getOriginalNode(file) as ts.SourceFile;
  const imports = importsOf(source);
  /** The name of the innermost function that is no generator of a lowered one. */
  let name: string | null = null;
  const visit = (node: ts.Node): ts.Node => {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === '__awaiter') {
      const body = node.arguments.at(-1);
      if (name !== null && body && ts.isFunctionExpression(body) && body.asteriskToken) {
        const visited = ts.visitEachChild(body, visit, context);
        const named = factory.updateFunctionExpression(visited, visited.modifiers, visited.asteriskToken, factory.createIdentifier(`async$${name}`), visited.typeParameters, visited.parameters, visited.type, visited.body);
        return factory.updateCallExpression(node, node.expression, node.typeArguments, [...node.arguments.slice(0, -1), named]);
      }
    }
    if (sites && ts.isYieldExpression(node) && node.expression && !node.asteriskToken) {
      const awaited = ts.getParseTreeNode(ts.getOriginalNode(node));
      if (awaited && ts.isAwaitExpression(awaited)) {
        const value = ts.visitNode(node.expression, visit) as ts.Expression;
        const marked = factory.createCallExpression(factory.createIdentifier('__w'), undefined, [value, factory.createStringLiteral(site(awaited)), factory.createIdentifier('__filename')]);
        return factory.updateYieldExpression(node, undefined, marked);
      }
    }
    if (!ts.isFunctionLike(node)) return ts.visitEachChild(node, visit, context);
    const outer = name;
    name = nameOf(node);
    const visited = ts.visitEachChild(node, visit, context);
    name = outer;
    return visited;
  };
  return ts.visitEachChild(file, visit, context);
}

/** What V8 calls a function: its own name, or that of the variable or property that gets it; a method with its class. */
function nameOf(node: ts.SignatureDeclaration): string | null {
  const own = node.name && textOf(node.name);
  // What a transformation made has no parent; what it was made from has.
  const { parent } = ts.getOriginalNode(node);
  if (own) {
    if (!ts.isMethodDeclaration(node) || !parent) return own;
    if (ts.isObjectLiteralExpression(parent)) return `Object$$${own}`;
    if (!ts.isClassLike(parent)) return own;
    return (node.modifiers ?? []).some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword) ? `Function$$${own}` : parent.name ? `${parent.name.text}$$${own}` : own;
  }
  if (!parent) return null;
  if (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent)) return textOf(parent.name);
  if (ts.isPropertyDeclaration(parent)) return ts.isClassLike(parent.parent) && parent.parent.name ? `${parent.parent.name.text}$$${textOf(parent.name) ?? ''}` : textOf(parent.name);
  if (ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.EqualsToken) {
    return ts.isIdentifier(parent.left) ? parent.left.text : ts.isPropertyAccessExpression(parent.left) ? textOf(parent.left.name) : null;
  }
  return null;
}

/** The text of a name that is an identifier of the source, not one that a transformation made up; null for all else. */
const textOf = (name: ts.Node): string | null => (ts.isIdentifier(name) && !name.text.includes('@') ? name.text : null);

/**
 * The place and the name that the genuine worker shows for an `await`: V8 keeps the place of the call whose promise is awaited, and the source
 * map says what stands there. Imported functions are renamed by the bundler, so that the map has their first argument. Without a call it is
 * the `await`, in the function's own name.
 */
function awaitedAt(awaited: ts.AwaitExpression, imports: Imports): { readonly at: ts.Node; readonly name: string | null } {
  let operand: ts.Expression = awaited.expression;
  while (ts.isParenthesizedExpression(operand) || ts.isAsExpression(operand) || ts.isNonNullExpression(operand) || ts.isSatisfiesExpression(operand)) operand = operand.expression;
  if (ts.isNewExpression(operand)) return { at: operand, name: null };
  if (!ts.isCallExpression(operand)) return { at: awaited, name: null };
  const { expression: callee, arguments: [argument] } = operand;
  if (ts.isIdentifier(callee)) {
    if (!imports.names.has(callee.text)) return { at: callee, name: callee.text };
    return argument ? { at: argument, name: textOf(leftmost(argument)) } : { at: callee, name: null };
  }
  if (!ts.isPropertyAccessExpression(callee)) return { at: operand, name: null };
  const object = callee.expression;
  return ts.isIdentifier(object) && imports.namespaces.has(object.text) ? { at: object, name: object.text } : { at: callee.name, name: textOf(callee.name) };
}

/** What an expression begins with. */
function leftmost(node: ts.Expression): ts.Node {
  if (ts.isPropertyAccessExpression(node) || ts.isCallExpression(node) || ts.isElementAccessExpression(node)) return leftmost(node.expression);
  if (ts.isBinaryExpression(node)) return leftmost(node.left);
  return ts.isConditionalExpression(node) ? leftmost(node.condition) : node;
}

interface Imports {
  readonly names: ReadonlySet<string>;
  readonly namespaces: ReadonlySet<string>;
}

function importsOf(source: ts.SourceFile): Imports {
  const names = new Set<string>();
  const namespaces = new Set<string>();
  for (const statement of source.statements) {
    const clause = ts.isImportDeclaration(statement) ? statement.importClause : undefined;
    if (clause?.name) names.add(clause.name.text);
    const bindings = clause?.namedBindings;
    if (bindings && ts.isNamespaceImport(bindings)) namespaces.add(bindings.name.text);
    else for (const { name } of bindings?.elements ?? []) names.add(name.text);
  }
  return { names, namespaces };
}
