/** The stage: the photograph with the masks of all objects and the marks of the active one. */

import { byId, setText } from "./dom.js";
import { hasMarks, maskOf } from "./objects.js";
import { paintCrosshair, paintDifference, paintDraft, paintMarks, paintMask, PHRASE } from "./paint.js";
import { activeOf } from "./state.js";
import { View } from "./view.js";
import { pointing } from "./words.js";

const TOLD_MS = 4000;

export class Scene {
  constructor(store, ui, crosshair, strokes) {
    Object.assign(this, { store, ui, crosshair, strokes });
    const paint = (context, view) => this.#paint(context, view);
    this.view = new View(byId("stage"), byId("photo"), byId("marks"), paint);
    this.view.onMoved = () => setText(byId("scale"), `${Math.round(this.view.scale * 100)} %`);
  }

  show(photo) {
    for (const id of ["asks", "zoom", "side"]) byId(id).hidden = false;
    byId("marks").hidden = false;
    byId("start").hidden = true;
    byId("stage").style.setProperty("--aspect", photo.height / photo.width);
    this.view.show(photo);
  }

  render() {
    const { tool, space } = this.ui();
    byId("marks").classList.toggle("hand", tool === "hand" || space);
    this.view.request();
  }

  /** Where the pointer is. */
  place(at) {
    this.tell(at ? `${Math.floor(at.x)}, ${Math.floor(at.y)}` : "");
  }

  /** A word in the corner of the stage, for a while. */
  tell(words) {
    clearTimeout(this.timer);
    setText(byId("status"), words);
    if (words) this.timer = setTimeout(() => setText(byId("status"), ""), TOLD_MS);
  }

  #paint(context, view) {
    const { state } = this.store;
    const active = activeOf(state);
    const faint = differs(active, this.ui()) ? { tint: 0.08, width: 1 } : { tint: 0.3, width: 1.25 };
    for (const object of state.present.objects) {
      if (object.hidden || object === active || !maskOf(object)) continue;
      paintMask(context, view, maskOf(object), object.colour, faint);
    }
    if (!active.hidden) this.#paintActive(context, view, active);
    paintMarks(context, view, active.prompt);
    if (this.strokes().draft) paintDraft(context, view, this.strokes().draft);
    if (this.crosshair()?.at) paintCrosshair(context, view, this.crosshair().at, this.ui().removes);
  }

  #paintActive(context, view, object) {
    const { preview } = this.ui();
    const shown = preview === undefined ? object : { ...object, choice: preview };
    const mask = maskOf(shown);
    const colour = shown.choice === "text" ? PHRASE : object.colour;
    if (mask) paintMask(context, view, mask, colour);
    const text = object.answer?.text_mask;
    if (!mask || !text || shown.choice === "text" || !differs(object, this.ui())) return;
    const marks = `the ${pointing(object.prompt)}`;
    paintDifference(context, view, { mask, text, colour, phrase: object.prompt.text, marks });
  }
}

/** Whether to show where click and phrase differ: as wished, else when they disagree. */
export function differs(object, ui) {
  const both = object.answer?.text_mask && hasMarks(object.prompt);
  return Boolean(both) && (ui.differ ?? object.answer.verdict === "disagree");
}
