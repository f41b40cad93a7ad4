/** What the page says in passing: a line for the eyes, a live region for the ears. */

import { setText } from "./dom.js";

const STAY_MS = 7000;

export class Notices {
  #timer = 0;
  #toggle = false;

  constructor({ bar, text, button, live }) {
    Object.assign(this, { bar, text, button, live });
  }

  /** A short line; a problem stays until it is solved or closed. `action`: {name, run}. */
  show(words, { problem = false, action = null } = {}) {
    clearTimeout(this.#timer);
    setText(this.text, words);
    this.bar.hidden = false;
    this.bar.classList.toggle("problem", problem);
    this.button.hidden = action === null;
    if (action) {
      setText(this.button, action.name);
      this.button.onclick = () => {
        this.clear();
        action.run();
      };
    }
    if (!problem) this.#timer = setTimeout(() => this.clear(), STAY_MS);
    this.say(words);
  }

  clear() {
    this.bar.hidden = true;
  }

  /** For screen readers; a sentence said twice is heard twice. */
  say(words) {
    this.#toggle = !this.#toggle;
    this.live.textContent = this.#toggle ? words : `${words}\u00a0`;
  }
}
