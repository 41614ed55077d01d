/**
 * Stands in for `@temporalio/proto/lib/payload-visitor.generated`, whose walks serve external payload storage only: walks that find
 * nothing, one for each message. CommonJS, because the names are made at run time and re-exported by `__exportStar`.
 */
// eslint-disable-next-line
declare const module: { exports: unknown };
const { messageFields } = require('../../../../api/descriptors.ts') as typeof import('../../../../api/descriptors.ts');
module.exports = Object.fromEntries(Object.keys(messageFields).map((name) => [`walk${name}`, () => []]));
