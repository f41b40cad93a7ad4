/** Everything beside the photograph follows the state. */

import { byId, setText } from "./dom.js";
import { hasMarks } from "./objects.js";
import { differs } from "./scene.js";
import { activeOf } from "./state.js";

const THEME_NAMES = { auto: "as the system", light: "light", dark: "dark" };

export class Sides {
  constructor({ store, ui, card, list, marks, fields }) {
    Object.assign(this, { store, ui, card, list, marks, fields });
  }

  render(state, photo) {
    const object = activeOf(state);
    this.#buttons(state);
    if (!state.image) return;
    const { image } = state;
    setText(byId("photo-name"), `${image.name}  ·  ${image.width} × ${image.height}`);
    this.card.render(object, photo);
    this.list.render(state.present);
    this.marks.render(object.prompt);
    this.fields.text.render(object.prompt.text);
    this.fields.negative.render(object.prompt.negative);
    byId("options").hidden = !(hasMarks(object.prompt) && object.prompt.text && object.answer);
    byId("differ").checked = differs(object, this.ui);
    byId("pool").value = object.pool ?? "";
  }

  #buttons(state) {
    const { ui } = this;
    byId("undo").disabled = !state.past.length;
    byId("redo").disabled = !state.future.length;
    byId("export").hidden = !state.image;
    for (const id of ["undo", "redo"]) byId(id).hidden = !state.image;
    for (const button of document.querySelectorAll("[data-tool]")) {
      button.setAttribute("aria-pressed", String(button.dataset.tool === ui.tool));
    }
    for (const button of document.querySelectorAll("[data-sign]")) {
      button.setAttribute("aria-pressed", String((button.dataset.sign === "0") === ui.removes));
    }
    const theme = `Colours: ${THEME_NAMES[ui.theme]}`;
    byId("theme").setAttribute("aria-label", theme);
    byId("theme").title = theme;
  }
}
