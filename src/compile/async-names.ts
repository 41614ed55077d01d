import ts from 'typescript';

/**
 * Gives the generators of lowered async functions the names of their functions, as `async$name`: a stack trace shows the generator where V8
 * shows the function (sandbox/vm/stacks.ts). The prefix keeps the name from hiding anything that the code refers to.
 */
export function nameAsyncBodies(context: ts.TransformationContext, file: ts.SourceFile): ts.SourceFile {
  const { factory } = context;
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
