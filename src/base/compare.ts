/** Order by UTF-16 code units: the only order of text in the engine (locale order differs between machines). */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
/** Order of numbers. */
export const compareNumber = (a: number, b: number): number => a - b;
