/** What a conversation does with the gateway, one thing at a time: each waits for the one before. */
export class Queue {
  /** @type {Promise<unknown> | null} What is under way; never rejects. */
  current = null;

  /**
   * @template T
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  async run(work) {
    const before = this.current;
    const mine = (async () => {
      await before;
      return work();
    })();
    const settled = mine.then(() => undefined, () => undefined).then(() => {
      if (this.current === settled) this.current = null;
    });
    this.current = settled;
    return mine;
  }
}
