/** What built-in functions say of an argument that they do not take, in V8's words, which show it. Looked at only where a call has failed. */
export function installArgumentErrors(): void {
  const { repeat } = String.prototype;
  const named = {
    repeat(this: string, count: number): string {
      try {
        return repeat.call(this, count);
      } catch (error) {
        if (error instanceof RangeError && !(Number(count) >= 0 && Number(count) < Infinity)) error.message = `Invalid count value: ${String(count)}`;
        throw error;
      }
    },
  };
  Object.defineProperty(String.prototype, 'repeat', { value: named.repeat, writable: true, configurable: true, enumerable: false });
  globalThis.BigInt = new Proxy(BigInt, {
    apply(target, _this, [value]: [unknown]) {
      try {
        return target(value as number);
      } catch (error) {
        if (error instanceof RangeError) error.message = `The number ${String(value)} cannot be converted to a BigInt because it is not an integer`;
        else if (error instanceof SyntaxError || (error instanceof TypeError && typeof value !== 'object')) error.message = `Cannot convert ${String(value)} to a BigInt`;
        throw error;
      }
    },
  });
}
