/** The words of the active object, and the marks made for it, each of which can be taken back. */

import { h, icon, setText } from "./dom.js";
import { count } from "./words.js";

const PAUSE_MS = 350;

const clean = (value) => value.normalize("NFKC").replace(/\s+/g, " ").trim();

/** A text field that asks while one types, after a short pause; Enter asks at once. */
export class PhraseField {
  #timer = 0; // runs while letters are not sent

  /** `on`: changed(value), settled(). */
  constructor(input, on) {
    Object.assign(this, { input, on });
    input.addEventListener("input", ({ isComposing }) => !isComposing && this.#wait());
    input.addEventListener("compositionend", () => this.#wait());
    input.addEventListener("keydown", ({ key }) => {
      if (key === "Enter") this.settle();
      // The keyboard of a phone covers the answer.
      if (key === "Enter" && matchMedia("(pointer: coarse)").matches) input.blur();
      if (key === "Escape") input.blur();
    });
    input.addEventListener("blur", () => this.settle());
  }

  #wait() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#send(), PAUSE_MS);
  }

  #send() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.on.changed(clean(this.input.value));
  }

  /** Typing has ended. */
  settle() {
    if (this.#timer) this.#send();
    this.on.settled();
  }

  /** Show the words of the state; letters that are not sent yet stay. */
  render(value) {
    if (!this.#timer && clean(this.input.value) !== value) this.input.value = value;
  }
}

/** Every mark as a line with a button. */
export class MarkList {
  constructor(details, summary, list, dispatch) {
    Object.assign(this, { details, summary, list, dispatch });
  }

  render(prompt) {
    const marks = marksOf(prompt);
    this.details.hidden = marks.length === 0;
    setText(this.summary, count(marks.length, "mark"));
    if (prompt === this.shown) return;
    this.shown = prompt;
    this.list.replaceChildren(...marks.map(({ name, kind, index }) => h("li", {},
      h("span", {}, name),
      h("button", {
        type: "button", className: "quiet", title: "Take back", "aria-label": `Take back: ${name}`,
        onclick: () => this.dispatch({ type: "unmark", kind, index }),
      }, icon("close")))));
  }
}

function marksOf({ points, box, scribbles, polygon }) {
  const sign = (label) => (label ? "add" : "remove");
  return [
    ...points.map(({ x, y, label }, index) =>
      ({ kind: "points", index, name: `${sign(label)} at ${Math.floor(x)}, ${Math.floor(y)}` })),
    ...(box ? [{ kind: "box", name: `box ${box.map(Math.round).join(", ")}` }] : []),
    ...scribbles.map(({ points: stroke, label }, index) =>
      ({ kind: "scribbles", index, name: `scribble, ${sign(label)}, ${count(stroke.length, "point")}` })),
    ...(polygon ? [{ kind: "polygon", name: `outline, ${count(polygon.length, "corner")}` }] : []),
  ];
}
