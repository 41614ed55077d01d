/** The encoders of every browser and of Node; the engine's type library does not know them. */
const host = globalThis as unknown as {
  readonly TextEncoder: new () => { encode(text: string): Uint8Array; encodeInto(text: string, into: Uint8Array): { read: number; written: number } };
  readonly TextDecoder: new (label: string) => { decode(bytes: Uint8Array): string };
};

export const encoder = new host.TextEncoder();
export const decoder = new host.TextDecoder('utf-8');
