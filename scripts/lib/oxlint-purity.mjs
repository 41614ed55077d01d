// Lint rules for what oxlint's own cannot express.

const approximated =
  'ECMAScript leaves the digits of ** to the implementation, so browsers may differ. Multiply, in a loop if need be.';

export default {
  meta: { name: 'purity' },
  rules: {
    'exact-arithmetic': {
      create: (context) => ({
        BinaryExpression(node) {
          const constant = node.left.type === 'Literal' && node.right.type === 'Literal' && Number.isInteger(node.right.value);
          if (node.operator === '**' && !constant) context.report({ node, message: approximated });
        },
        AssignmentExpression(node) {
          if (node.operator === '**=') context.report({ node, message: approximated });
        },
      }),
    },
  },
};
