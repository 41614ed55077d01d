import ts from 'typescript';

/**
 * The names of the external services that a `services.ts` exports by default, without running it: the keys of the object. Follows
 * names and spreads inside the file. Null when there is no such object.
 */
export function serviceNames(source: string, fileName: string): string[] | null {
  const file = ts.createSourceFile(fileName, source, ts.ScriptTarget.ES2022, true);
  const declared = new Map<string, ts.Expression>();
  let exported: ts.Expression | undefined;
  for (const statement of file.statements) {
    if (ts.isVariableStatement(statement)) for (const d of statement.declarationList.declarations) if (ts.isIdentifier(d.name) && d.initializer) declared.set(d.name.text, d.initializer);
    if (ts.isExportAssignment(statement)) exported = statement.expression;
    if (ts.isExpressionStatement(statement) && ts.isBinaryExpression(statement.expression) && /^(module\.)?exports(\.default)?$/.test(statement.expression.left.getText(file))) exported = statement.expression.right;
    if (ts.isExportDeclaration(statement) && statement.exportClause && ts.isNamedExports(statement.exportClause))
      for (const e of statement.exportClause.elements) if (e.name.text === 'default') exported = ts.factory.createIdentifier((e.propertyName ?? e.name).text);
  }
  return exported ? keysOf(exported, declared, 0) : null;
}

function keysOf(expression: ts.Expression, declared: ReadonlyMap<string, ts.Expression>, depth: number): string[] | null {
  if (depth > 10) return null;
  if (ts.isParenthesizedExpression(expression) || ts.isAsExpression(expression) || ts.isSatisfiesExpression(expression) || ts.isTypeAssertionExpression(expression)) return keysOf(expression.expression, declared, depth + 1);
  if (ts.isIdentifier(expression)) {
    const value = declared.get(expression.text);
    return value ? keysOf(value, declared, depth + 1) : null;
  }
  // Object.freeze({…}), defineServices({…})
  if (ts.isCallExpression(expression) && expression.arguments[0]) return keysOf(expression.arguments[0], declared, depth + 1);
  if (!ts.isObjectLiteralExpression(expression)) return null;
  const keys: string[] = [];
  for (const property of expression.properties) {
    if (ts.isSpreadAssignment(property)) {
      const inner = keysOf(property.expression, declared, depth + 1);
      if (inner === null) return null;
      keys.push(...inner);
    } else if (ts.isIdentifier(property.name) || ts.isStringLiteralLike(property.name)) keys.push(property.name.text);
    else return null;
  }
  return keys;
}
