import ts from 'typescript';

/**
 * Puts `__t(n)` before every statement, and before calls that start on another line than their statement, where n is
 * `index * 100000 + line`; `__t(n, 1)` where more than one call is made, so that what runs may be elsewhere in between (the workflow VM
 * then looks at the stack). Runs on the TypeScript tree, so lines are those of the source.
 */
export function tracing(context: ts.TransformationContext, file: ts.SourceFile, index: number): ts.SourceFile {
  const { factory } = context;
  const lineOf = (node: ts.Node): number => file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
  const call = (line: number, certain: boolean): ts.CallExpression => {
    const number = factory.createNumericLiteral(index * 100_000 + line);
    return factory.createCallExpression(factory.createIdentifier('__t'), undefined, certain ? [number] : [number, factory.createNumericLiteral(1)]);
  };
  // With a place in the source: quickjs-ng blames the last place that it noted for what throws without a call, and that is the mark.
  const mark = (node: ts.Node): ts.Statement => ts.setSourceMapRange(factory.createExpressionStatement(call(lineOf(node), callsIn(node) <= 1)), { pos: node.getStart(file), end: node.getStart(file) });
  const marked = (line: number, of: ts.Node, expression: ts.Expression): ts.Expression =>
    factory.createParenthesizedExpression(factory.createComma(call(line, callsIn(of) <= 1), expression));

  /** The line of the statement or arrow body that is being visited: calls on it need no mark of their own. */
  let statementLine = 0;
  const onLine = <T>(line: number, visitNode: () => T): T => {
    const before = statementLine;
    statementLine = line;
    const result = visitNode();
    statementLine = before;
    return result;
  };

  const statement = (node: ts.Statement): ts.Statement[] => {
    const visited = onLine(lineOf(node), () => ts.visitNode(node, visit) as ts.Statement | undefined);
    if (!visited) return [];
    return isUntraced(node) ? [visited] : [mark(node), visited];
  };
  const statements = (list: readonly ts.Statement[]): ts.Statement[] => list.flatMap(statement);
  /** A body without braces gets them. */
  const body = (node: ts.Statement): ts.Statement => (ts.isBlock(node) ? (visit(node) as ts.Block) : factory.createBlock(statement(node), true));

  const visit = (node: ts.Node): ts.Node => {
    if (ts.isTypeNode(node)) return node;
    if (ts.isBlock(node)) return factory.updateBlock(node, statements(node.statements));
    if (ts.isCaseClause(node)) return factory.updateCaseClause(node, expression(node.expression), statements(node.statements));
    if (ts.isDefaultClause(node)) return factory.updateDefaultClause(node, statements(node.statements));
    if (ts.isIfStatement(node)) {
      const otherwise = node.elseStatement && (ts.isIfStatement(node.elseStatement) ? (visit(node.elseStatement) as ts.Statement) : body(node.elseStatement));
      return factory.updateIfStatement(node, expression(node.expression), body(node.thenStatement), otherwise);
    }
    if (ts.isWhileStatement(node)) return factory.updateWhileStatement(node, again(node.expression), body(node.statement));
    if (ts.isDoStatement(node)) return factory.updateDoStatement(node, body(node.statement), again(node.expression));
    if (ts.isForStatement(node)) {
      return factory.updateForStatement(node, node.initializer && (visit(node.initializer) as ts.ForInitializer), node.condition && again(node.condition), node.incrementor && again(node.incrementor), body(node.statement));
    }
    if (ts.isForOfStatement(node)) return factory.updateForOfStatement(node, node.awaitModifier, visit(node.initializer) as ts.ForInitializer, expression(node.expression), body(node.statement));
    if (ts.isForInStatement(node)) return factory.updateForInStatement(node, visit(node.initializer) as ts.ForInitializer, expression(node.expression), body(node.statement));
    if (ts.isArrowFunction(node) && !ts.isBlock(node.body)) {
      const line = lineOf(node.body);
      const inner = onLine(line, () => visit(node.body as ts.Expression) as ts.Expression);
      const parameters = node.parameters.map((parameter) => visit(parameter) as ts.ParameterDeclaration);
      return factory.updateArrowFunction(node, node.modifiers, node.typeParameters, parameters, node.type, node.equalsGreaterThanToken, marked(line, node.body, inner));
    }
    if (ts.isCallExpression(node) && isWholeChain(node)) {
      const line = callLine(node);
      const visited = onLine(line, () => ts.visitEachChild(node, visit, context));
      return line === statementLine ? visited : marked(line, node, visited);
    }
    return ts.visitEachChild(node, visit, context);
  };
  const expression = (node: ts.Expression): ts.Expression => visit(node) as ts.Expression;
  /** An expression that a loop comes back to from other lines: its calls are marked. */
  const again = (node: ts.Expression): ts.Expression => onLine(0, () => expression(node));
  /** The line of the name that is called, which for chains over several lines is not the first one. */
  const callLine = (node: ts.CallExpression): number => lineOf(ts.isPropertyAccessExpression(node.expression) ? node.expression.name : node.expression);

  return factory.updateSourceFile(file, statements(file.statements));
}

/** How many calls a statement makes itself: not those of statements and functions inside it. */
function callsIn(node: ts.Node): number {
  let count = 0;
  const visit = (child: ts.Node): void => {
    if (ts.isFunctionLike(child) || (child !== node && ts.isStatement(child))) return;
    if (ts.isCallExpression(child) || ts.isNewExpression(child) || ts.isTaggedTemplateExpression(child)) count += 1;
    ts.forEachChild(child, visit);
  };
  visit(node);
  return count;
}

/** Not part of a longer chain, whose meaning a mark in the middle could change, and no call of its own kind. */
function isWholeChain(node: ts.CallExpression): boolean {
  if (node.expression.kind === ts.SyntaxKind.SuperKeyword || node.expression.kind === ts.SyntaxKind.ImportKeyword) return false;
  const { parent } = node;
  if (!parent) return false;
  if (ts.isDecorator(parent) || ts.isExpressionWithTypeArguments(parent)) return false;
  if ((ts.isPropertyAccessExpression(parent) || ts.isElementAccessExpression(parent) || ts.isCallExpression(parent) || ts.isNonNullExpression(parent)) && parent.expression === node) return false;
  return !(ts.isTaggedTemplateExpression(parent) && parent.tag === node);
}

/** Statements that do nothing when they are reached, or that must stay first. */
function isUntraced(node: ts.Statement): boolean {
  return (
    ts.isFunctionDeclaration(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) || ts.isClassDeclaration(node) || ts.isEnumDeclaration(node) ||
    ts.isModuleDeclaration(node) || ts.isImportDeclaration(node) || ts.isImportEqualsDeclaration(node) || ts.isExportDeclaration(node) || ts.isBlock(node) || ts.isEmptyStatement(node) ||
    ts.isLabeledStatement(node) || (ts.isExpressionStatement(node) && ts.isStringLiteral(node.expression)) ||
    (ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some((modifier) => modifier.kind === ts.SyntaxKind.DeclareKeyword))
  );
}
