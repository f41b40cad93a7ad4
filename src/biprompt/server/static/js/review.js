/** Stepping through the doubtful images of `biprompt label`: look, correct, keep, next. */

import * as api from "./api.js";
import { setText } from "./dom.js";
import { masked } from "./export.js";
import { isPending } from "./objects.js";

export class Review {
  #count = 0;
  #place = 0;
  #underway = false;

  /** `parts`: bar, title, why, back, skip, keep. */
  constructor(parts, { opening, notices, document }) {
    Object.assign(this, { parts, opening, notices, document });
    parts.back.addEventListener("click", () => this.go(this.#place - 1));
    parts.skip.addEventListener("click", () => this.go(this.#place + 1));
    parts.keep.addEventListener("click", () => this.keep());
  }

  /** Without a review on this server nothing changes. */
  async start() {
    const { count, next } = await api.review().catch(() => ({ count: 0 }));
    this.#count = count;
    if (count) await this.go(next ?? 0);
  }

  /** Open the image at a place. */
  async go(place) {
    if (this.#underway || place < 0 || place >= this.#count) return;
    await this.#busy(async () => {
      const [about, session] = await Promise.all([api.reviewPlace(place), api.reviewSession(place)]);
      if (!(await this.opening.session(session))) return;
      this.#place = place;
      this.#tell(about);
    });
  }

  /** What is shown is what the image shows: keep it and go on. */
  async keep() {
    if (this.#underway || !this.#count) return;
    if (this.document().objects.some(isPending)) {
      this.notices.show("An answer is still on its way.");
      return;
    }
    const kept = await this.#busy(async () => {
      const objects = masked(this.document()).map(({ label, mask }) => ({ label, mask }));
      await api.correct(this.#place, objects);
      this.opening.saved();
      return true;
    });
    if (!kept) return;
    if (this.#place + 1 < this.#count) await this.go(this.#place + 1);
    else this.notices.show("That was the last one. Run the same `biprompt label` again to write the data set.");
  }

  async #busy(work) {
    this.#underway = true;
    try {
      return await work();
    } catch (error) {
      this.notices.show(`The review: ${error.message}`, { problem: true });
      return false;
    } finally {
      this.#underway = false;
      this.#enable();
    }
  }

  #tell({ done, doubts }) {
    this.parts.bar.hidden = false;
    setText(this.parts.title, `Review, ${this.#place + 1} of ${this.#count}${done ? ", kept" : ""}`);
    setText(this.parts.why, doubts.map(({ label, why }) => `${label}: ${why}`).join(" · "));
  }

  #enable() {
    this.parts.back.disabled = this.#place === 0;
    this.parts.skip.disabled = this.#place + 1 >= this.#count;
  }
}
