/** Holds the state, applies actions, tells who listens. */

import { initialState, reduce } from "./state.js";

export class Store {
  #state = initialState();
  #listeners = [];

  get state() {
    return this.#state;
  }

  subscribe(listener) {
    this.#listeners.push(listener);
  }

  dispatch(action) {
    const before = this.#state;
    this.#state = reduce(before, action);
    if (this.#state === before) return;
    for (const listener of this.#listeners) listener(this.#state, before);
  }
}
