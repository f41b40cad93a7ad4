/** The list of objects: name, colour, share of the image, hide, delete. */

import { h, icon, setText } from "./dom.js";
import { isPending, labelOf, maskOf, asksSomething } from "./objects.js";
import { area } from "./rle.js";
import { percent } from "./words.js";

export class ObjectList {
  #rows = new Map(); // id -> {row, pick, label, colour, share, eye, remove}

  /** `on`: dispatch(action). */
  constructor(list, dispatch) {
    Object.assign(this, { list, dispatch });
  }

  render({ objects, active }) {
    for (const [id, { row }] of this.#rows) {
      if (objects.some((object) => object.id === id)) continue;
      row.remove();
      this.#rows.delete(id);
    }
    objects.forEach((object, i) => {
      const parts = this.#rows.get(object.id) ?? this.#make(object.id);
      if (this.list.children[i] !== parts.row) this.list.insertBefore(parts.row, this.list.children[i] ?? null);
      this.#fill(parts, object, object.id === active);
    });
  }

  #make(id) {
    const { dispatch } = this;
    const parts = {
      colour: h("input", {
        type: "color", oninput: ({ target }) => dispatch({ type: "recolour", id, colour: target.value }),
      }),
      label: h("input", {
        type: "text", dir: "auto", maxLength: 100, spellcheck: false, autocomplete: "off",
        onfocus: () => dispatch({ type: "activate", id }),
        onchange: ({ target }) => dispatch({ type: "rename", id, label: target.value }),
        onkeydown: ({ key, target }) => (key === "Enter" || key === "Escape") && target.blur(),
      }),
      share: h("span", { className: "share" }),
      eye: h("button", { type: "button", className: "quiet" }),
      remove: h("button", {
        type: "button", className: "quiet", onclick: () => dispatch({ type: "remove", id }),
      }, icon("bin")),
    };
    parts.eye.addEventListener("click", () =>
      dispatch({ type: "hide", id, hidden: parts.eye.getAttribute("aria-pressed") === "false" }));
    parts.row = h("li", {
      onclick: ({ target }) => target.closest("button, input") || dispatch({ type: "activate", id }),
    }, parts.colour, parts.label, parts.share, parts.eye, parts.remove);
    this.#rows.set(id, parts);
    return parts;
  }

  #fill({ row, colour, label, share, eye, remove }, object, active) {
    const name = labelOf(object);
    row.classList.toggle("active", active);
    row.classList.toggle("hidden", object.hidden);
    if (active) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
    if (document.activeElement !== label) label.value = name;
    if (colour.value !== object.colour) colour.value = object.colour;
    colour.setAttribute("aria-label", `Colour of ${name}`);
    label.setAttribute("aria-label", `Name of ${name}`);
    remove.setAttribute("aria-label", `Delete ${name}`);
    remove.title = "Delete";
    const pressed = String(object.hidden);
    if (eye.getAttribute("aria-pressed") !== pressed) {
      eye.setAttribute("aria-pressed", pressed);
      eye.replaceChildren(icon(object.hidden ? "eye-off" : "eye"));
    }
    eye.setAttribute("aria-label", `Hide ${name}`);
    eye.title = object.hidden ? "Show" : "Hide";
    setText(share, shareOf(object));
  }
}

function shareOf(object) {
  if (!asksSomething(object.prompt) || !object.answer) return isPending(object) ? "…" : "";
  const mask = maskOf(object);
  const pixels = mask ? area(mask) : 0;
  return pixels ? percent(pixels / (mask.size[0] * mask.size[1])) : "no mask";
}
