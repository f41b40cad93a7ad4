/**
 * Newest answers only. Each key has one question on its way; a newer one aborts it, and whatever
 * an older one still brings back is thrown away.
 */
export class Latest {
  #running = new Map();

  /** Run `work(signal)` for a key. Resolves to {value}, or to null when a newer one took over. */
  async run(key, work) {
    this.cancel(key);
    const turn = { control: new AbortController() };
    this.#running.set(key, turn);
    try {
      const value = await work(turn.control.signal);
      return this.#running.get(key) === turn ? { value } : null;
    } catch (error) {
      if (this.#running.get(key) !== turn) return null;
      throw error;
    } finally {
      if (this.#running.get(key) === turn) this.#running.delete(key);
    }
  }

  cancel(key) {
    const turn = this.#running.get(key);
    this.#running.delete(key);
    turn?.control.abort();
  }

  cancelAll() {
    for (const key of [...this.#running.keys()]) this.cancel(key);
  }

  get size() {
    return this.#running.size;
  }
}
