/** The export window: what each format can hold, what would be lost, and the file. */

import * as api from "./api.js";
import { h, keep, setText } from "./dom.js";
import { isPending, labelOf, maskOf } from "./objects.js";
import { shapeOf } from "./shapes.js";
import { count } from "./words.js";

/** Objects with a mask, as the server takes them. */
export function masked({ objects }) {
  return objects
    .filter((object) => !isPending(object) && maskOf(object) && !shapeOf(maskOf(object)).empty)
    .map((object) => ({ label: labelOf(object), colour: object.colour, mask: maskOf(object) }));
}

/** Which holes and parts of these masks a format cannot keep, in words; "" when it keeps all. */
export function losses(format, objects) {
  const total = (key) => objects.reduce((sum, { mask }) => sum + shapeOf(mask)[key], 0);
  const split = objects.filter(({ mask }) => shapeOf(mask).parts > 1).length;
  const said = [];
  if (!format.holes && total("holes")) said.push(count(total("holes"), "hole"));
  if (!format.parts && split) said.push(`${count(split, "object")} of several parts`);
  return said.length ? `Not kept as such: ${said.join(" and ")}.` : "";
}

const SESSION = { name: "session", title: "Session file", suffix: ".biprompt.json", lost: "" };

export class ExportWindow {
  #formats = null;

  /** `parts`: dialog, summary, choices, form, message. `saveSession()` keeps the session file. */
  constructor(parts, { current, saveSession, saved }) {
    Object.assign(this, { parts, current, saveSession, saved });
    parts.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#export(new FormData(parts.form).get("format"));
    });
  }

  async open() {
    const { dialog, summary, message } = this.parts;
    setText(message, "");
    dialog.showModal();
    const { document } = this.current();
    const objects = masked(document);
    const left = document.objects.length - objects.length;
    const without = left ? ` ${count(left, "object")} without a mask will be left out.` : "";
    setText(summary, `${count(objects.length, "mask")}.${without}`);
    try {
      this.#formats ??= await api.formats();
      this.#list(objects);
    } catch (error) {
      setText(message, `The formats could not be read: ${error.message}`);
    }
  }

  #list(objects) {
    const rows = this.#formats.map((one) => this.#row(one, losses(one, objects), !objects.length));
    rows.push(this.#row(SESSION, "", false));
    this.parts.choices.replaceChildren(...rows);
    const first = this.parts.choices.querySelector("input:not(:disabled)");
    first.click();
    first.focus();
  }

  #row(format, lost, disabled) {
    const { message } = this.parts;
    return h("label", { className: "format" },
      h("input", {
        type: "radio", name: "format", value: format.name, disabled,
        onchange: () => setText(message, format.lost || "Nothing is lost."),
      }),
      h("b", {}, format.title),
      h("span", { className: "suffix" }, format.suffix),
      h("span", { className: "said" }, NOTES[format.name] ?? ""),
      lost ? h("span", { className: "lost" }, lost) : null);
  }

  async #export(name) {
    const { dialog, message } = this.parts;
    setText(message, "Writing …");
    try {
      if (name === "session") await this.saveSession();
      else {
        const { photo, document } = this.current();
        const { id } = await photo.send();
        const image = { id, name: photo.name, width: photo.width, height: photo.height };
        const file = await api.exported({ image, objects: masked(document), format: name });
        keep(file.blob, file.name);
        this.saved(file.lost ? `${file.name} is saved. ${file.lost}` : `${file.name} is saved.`);
      }
      dialog.close();
    } catch (error) {
      setText(message, `Not exported: ${error.message}`);
    }
  }
}

const NOTES = {
  png: "black and white, one file for each object", labels: "one picture, each object a number",
  overlay: "the photograph with the masks over it", coco: "exact run lengths, for training",
  yolo: "polygons, for training", labelme: "polygons, to edit elsewhere",
  geojson: "polygons in pixels", session: "photograph, prompts and answers: opens here again",
};
