/** Keys: shortcuts of the page, and the crosshair that points without a mouse. */

const STEP = 10; // on the screen
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** The shortcuts as the help shows them: keys, what they do, name of the command. */
export const SHORTCUTS = [
  { title: "Point", keys: [
    ["C", "click: adds a point; drag draws a box", "click"],
    ["B", "box", "box"], ["S", "scribble", "scribble"], ["P", "outline, corner by corner", "polygon"],
    ["H", "move the photograph (or hold Space)", "hand"],
    ["X", "switch between adding and removing", "flip"],
    ["Esc", "drop the stroke being drawn", null],
  ] },
  { title: "Name", keys: [["T", "type what it is", "phrase"], ["Shift T", "type what is not meant", "negative"]] },
  { title: "Choose", keys: [
    ["1 … 9", "take that candidate", null], ["0", "take what the phrase outlines", null],
    [", .", "take the next smaller or larger candidate: part, object, whole", null],
    ["G", "back to the gate’s choice", "gate"], ["K", "keep the mask before this correction", "before"],
    ["D", "show where click and phrase differ", "differ"],
  ] },
  { title: "Objects", keys: [
    ["N", "next object", "add"], ["[ ]", "go to the object before or after", null],
    ["M", "hide or show", "hide"], ["Delete", "delete the object", "remove"],
  ] },
  { title: "Photograph and file", keys: [
    ["Ctrl Z", "undo", null], ["Ctrl Shift Z", "redo", null],
    ["+ −", "larger, smaller", null], ["F", "fit", "fit"],
    ["O", "open", "open"], ["E", "export", "export"],
    ["R", "in a review: keep what is shown, go on", "keep"], ["?", "this page", "help"],
  ] },
  { title: "With the photograph in focus", keys: [
    ["Arrows", "move the crosshair; with Shift by one pixel", null],
    ["Enter", "point there, or begin and end a stroke", null],
    ["Shift Enter", "take away there", null],
  ] },
];

const SINGLE = {
  c: "click", b: "box", s: "scribble", p: "polygon", h: "hand", x: "flip", t: "phrase", T: "negative",
  "/": "phrase", g: "gate", ",": "part", ".": "whole", k: "before", d: "differ", n: "add", "[": "previous", "]": "next",
  m: "hide", Delete: "remove", f: "fit", o: "open", e: "export", r: "keep", "?": "help", "+": "larger",
  "=": "larger", "-": "smaller", "−": "smaller",
};

const typing = (target) => target.matches?.("input:not([type=radio], [type=checkbox], [type=color]), textarea, select");

/** `commands` has one function for each name above; `single()` tells whether single keys count. */
export function listenToKeys({ commands, single, ui }) {
  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]") || event.isComposing) return;
    const command = commandOf(event, single());
    if (!command) return;
    event.preventDefault();
    commands[command[0]]?.(...command.slice(1));
  });
  document.addEventListener("keyup", (event) => event.key === " " && ui.setSpace(false));
  window.addEventListener("blur", () => ui.setSpace(false));
  document.addEventListener("keydown", (event) => {
    const free = !event.target.closest?.("button, input, a, select, summary, dialog");
    if (event.key === " " && free) {
      event.preventDefault();
      ui.setSpace(true);
    }
  });
}

function commandOf(event, single) {
  const { key, target } = event;
  if ((event.ctrlKey || event.metaKey) && !event.altKey) {
    if (typing(target)) return null;
    if (key.toLowerCase() === "z") return [event.shiftKey ? "redo" : "undo"];
    return key.toLowerCase() === "y" ? ["redo"] : null;
  }
  if (event.altKey || event.metaKey) return null;
  if (key === "Escape") return ["escape"];
  if (typing(target) || !single) return null;
  if (/^[0-9]$/.test(key)) return ["choose", key === "0" ? "text" : Number(key) - 1];
  const name = SINGLE[key] ?? SINGLE[key.toLowerCase()];
  return name ? [name] : null;
}

/** The crosshair: lives while the surface has the focus and an arrow was pressed. */
export class Crosshair {
  at = null;

  constructor({ surface, view, strokes, ui, changed, say }) {
    Object.assign(this, { view, strokes, ui, changed, say });
    surface.addEventListener("keydown", (event) => this.#key(event));
    surface.addEventListener("blur", () => this.hide());
    surface.addEventListener("pointerdown", () => this.hide());
  }

  hide() {
    if (this.at) this.#put(null);
  }

  #key(event) {
    if (!this.view.shown || event.ctrlKey || event.altKey || event.metaKey) return;
    if (ARROWS[event.key]) this.#walk(ARROWS[event.key], event.shiftKey);
    else if (event.key === "Enter") this.#press(event.shiftKey || this.ui.removes ? 0 : 1);
    else if (event.key !== "Backspace" || !this.strokes.back()) return;
    event.preventDefault();
    event.stopPropagation();
  }

  #start() {
    const middle = { x: this.view.width / 2, y: this.view.height / 2 };
    return this.view.inside(this.view.toImage(middle));
  }

  #walk([dx, dy], fine) {
    const from = this.at ?? this.#start();
    const step = fine ? 1 : Math.max(this.view.px(STEP), 1);
    const at = this.view.inside({ x: from.x + dx * step, y: from.y + dy * step });
    this.view.reveal(at);
    const { draft } = this.strokes;
    if (draft?.kind === "polygon") this.strokes.hover(at);
    else if (draft) this.strokes.extend(at);
    this.#put(at);
    this.say(at);
  }

  #press(label) {
    const at = this.at ?? this.#start();
    this.#put(at);
    const { tool } = this.ui;
    if (tool === "polygon") this.strokes.corner(at);
    else if (tool === "click" || tool === "hand") this.strokes.point(at, label);
    else if (this.strokes.draft) this.strokes.finish();
    else this.strokes.begin(tool, at, label);
  }

  #put(at) {
    this.at = at;
    this.changed();
  }
}
