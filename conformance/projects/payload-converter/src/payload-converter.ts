import { CompositePayloadConverter, METADATA_ENCODING_KEY, UndefinedPayloadConverter, type Payload, type PayloadConverterWithEncoding } from '@temporalio/common';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** JSON that knows dates, sets and big integers. */
class RichJsonConverter implements PayloadConverterWithEncoding {
  readonly encodingType = 'json/rich';

  toPayload(value: unknown): Payload | undefined {
    if (value === undefined) return undefined;
    const text = JSON.stringify(value, function (this: Record<string, unknown>, key: string, plain: unknown) {
      const raw = this[key];
      if (raw instanceof Date) return { $date: raw.toISOString() };
      if (raw instanceof Set) return { $set: [...raw] };
      if (typeof raw === 'bigint') return { $bigint: String(raw) };
      return plain;
    });
    return { metadata: { [METADATA_ENCODING_KEY]: encoder.encode(this.encodingType) }, data: encoder.encode(text) };
  }

  fromPayload<T>(payload: Payload): T {
    return JSON.parse(decoder.decode(payload.data!), (_key, value) => {
      if (value?.$date) return new Date(value.$date);
      if (value?.$set) return new Set(value.$set);
      if (value?.$bigint) return BigInt(value.$bigint);
      return value;
    });
  }
}

export const payloadConverter = new CompositePayloadConverter(new UndefinedPayloadConverter(), new RichJsonConverter());
