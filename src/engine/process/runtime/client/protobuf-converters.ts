import { ValueError } from '@temporalio/common/lib/errors.js';

/**
 * Stands in for `@temporalio/common/lib/converter/protobuf-payload-converters`, which needs protobufjs, where the SDK itself uses it: for
 * references to external payload storage, which the simulated world does not have. Projects get the genuine one (src/compile/resolve.ts).
 */
function refuse(): never {
  throw new ValueError('protobuf payloads are not supported in the simulator');
}

export class ProtobufBinaryPayloadConverter {
  readonly encodingType = 'binary/protobuf';
  toPayload = (): undefined => undefined;
  fromPayload = refuse;
}
export class ProtobufJsonPayloadConverter {
  readonly encodingType = 'json/protobuf';
  toPayload = (): undefined => undefined;
  fromPayload = refuse;
}
export class DefaultPayloadConverterWithProtobufs {
  constructor() {
    refuse();
  }
}
