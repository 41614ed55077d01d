import type { ActivitySerializationContext } from '@temporalio/common';
import { toPayloadWithTypeInfo } from '@temporalio/common/lib/converter/payload-converter';

/** Without codecs the SDK goes through three async functions, one in the other, for the result of every activity: here it is one. */

type Helpers = { -readonly [K in keyof typeof import('@temporalio/common/lib/internal-non-workflow/codec-helpers')]: (typeof import('@temporalio/common/lib/internal-non-workflow/codec-helpers'))[K] };
// By `require`: an import would be a copy of what the module exports.
// eslint-disable-next-line
declare const require: (name: string) => unknown;
const helpers = require('@temporalio/common/lib/internal-non-workflow/codec-helpers') as Helpers;
const original = helpers.encodeToPayload;

helpers.encodeToPayload = async (converter, value, context, typeInfo) =>
  converter.payloadCodecs.length === 0 ? toPayloadWithTypeInfo(converter.payloadConverter, value, context as ActivitySerializationContext, typeInfo) : original(converter, value, context, typeInfo);
