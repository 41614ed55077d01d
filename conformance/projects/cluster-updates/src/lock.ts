/** Lets one caller in at a time, in the order in which they came. */
export class Lock {
  private last: Promise<void> = Promise.resolve();

  async runExclusive<T>(body: () => Promise<T>): Promise<T> {
    const before = this.last;
    let release!: () => void;
    this.last = new Promise((resolve) => (release = resolve));
    await before;
    try {
      return await body();
    } finally {
      release();
    }
  }
}
