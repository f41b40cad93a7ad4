/** Sees to it that every open question of the state is on its way, once, and no other. */

import * as api from "./api.js";
import { Latest } from "./latest.js";
import { asksSomething, isPending, questionOf } from "./objects.js";

export class Asking {
  #latest = new Latest();
  #underway = new Map(); // object id -> number of the question
  #failed = new Set();

  /** `on`: answered(id, ask, answer), failed(error), waiting(seconds). */
  constructor(on) {
    this.on = on;
  }

  /** Compare the state with what is on its way. */
  sync(state, photo) {
    const open = photo ? state.present.objects.filter(isOpen) : [];
    for (const id of [...this.#underway.keys()]) {
      if (!open.some((object) => object.id === id)) this.#drop(id);
    }
    for (const object of open) {
      const known = this.#underway.get(object.id) === object.ask || this.#failed.has(object.ask);
      if (!known) this.#send(object, photo);
    }
  }

  get busy() {
    return this.#underway.size > 0;
  }

  /** Ask again what failed. */
  retry(state, photo) {
    this.#failed.clear();
    this.sync(state, photo);
  }

  reset() {
    this.#latest.cancelAll();
    this.#underway.clear();
    this.#failed.clear();
  }

  #drop(id) {
    this.#latest.cancel(id);
    this.#underway.delete(id);
  }

  async #send(object, photo) {
    const { id, ask } = object;
    this.#underway.set(id, ask);
    const end = () => this.#underway.get(id) === ask && this.#underway.delete(id);
    try {
      const work = (signal) => answerTo(object, photo, { signal, onWait: this.on.waiting });
      const result = await this.#latest.run(id, work);
      end();
      if (result) this.on.answered(id, ask, result.value);
    } catch (error) {
      end();
      this.#failed.add(ask);
      this.on.failed(error);
    }
  }
}

const isOpen = (object) => isPending(object) && asksSomething(object.prompt);

/** Ask; where the server has forgotten an answer or the photograph, remind it. */
async function answerTo(object, photo, options) {
  const policy = object.pool ? { pool: object.pool } : null;
  const put = async (base, entry) =>
    api.segment((await entry).id, questionOf({ ...object, base }), policy, options);
  const plain = object.base && { ...object.base, id: null };
  const attempts = [() => put(object.base, photo.send())];
  if (object.base?.id) attempts.push(() => put(plain, photo.send()));
  attempts.push(() => put(plain, photo.resend()));
  for (const [i, attempt] of attempts.entries()) {
    try {
      return await attempt();
    } catch (error) {
      if (error.status !== 404 || i === attempts.length - 1) throw error;
    }
  }
}
