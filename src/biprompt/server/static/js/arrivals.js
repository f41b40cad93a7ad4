/** Ways in: the file dialog, dropping, pasting, the examples. */

import * as api from "./api.js";
import { byId, h } from "./dom.js";
import { drawThumb } from "./thumbs.js";

const isSession = (file) => file.type === "application/json" || file.name?.endsWith(".json");

/** `on`: image(blob, name), session(text), problem(words). */
export function listenToArrivals(on) {
  const take = async (file) => {
    if (!file) return;
    if (isSession(file)) on.session(await file.text());
    else on.image(file, file.name || "pasted.png");
  };
  const input = byId("file");
  input.addEventListener("change", () => {
    take(input.files[0]);
    input.value = ""; // the same file may be chosen again
  });
  for (const id of ["open", "choose"]) byId(id).addEventListener("click", () => input.click());
  document.addEventListener("paste", ({ clipboardData }) => {
    const file = [...clipboardData.files].find((one) => one.type.startsWith("image/"));
    take(file);
  });
  listenToDrops(take);
}

function listenToDrops(take) {
  const sign = byId("dropping");
  let depth = 0;
  const holdsFiles = ({ dataTransfer }) => dataTransfer?.types.includes("Files");
  document.addEventListener("dragenter", (event) => {
    if (!holdsFiles(event)) return;
    depth += 1;
    sign.hidden = false;
  });
  document.addEventListener("dragleave", (event) => {
    if (!holdsFiles(event)) return;
    depth = Math.max(depth - 1, 0);
    sign.hidden = depth === 0;
  });
  document.addEventListener("dragover", (event) => holdsFiles(event) && event.preventDefault());
  document.addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    depth = 0;
    sign.hidden = true;
    take(event.dataTransfer?.files[0]);
  });
}

/** Offer the photographs that the server brings along; without them the page works too. */
export async function showExamples(on) {
  const place = byId("examples");
  const names = await api.examples().catch(() => []);
  const buttons = await Promise.all(names.map((one) => exampleButton(one, on).catch(() => null)));
  place.replaceChildren(...buttons.filter(Boolean));
  place.hidden = !place.children.length;
}

async function exampleButton({ name, title, phrase }, on) {
  const blob = await api.example(name);
  const bitmap = await createImageBitmap(blob);
  const canvas = h("canvas", { "aria-hidden": "true" });
  const [width, height] = [148, 104];
  const side = Math.min(bitmap.width, (bitmap.height * width) / height);
  const region = {
    x: (bitmap.width - side) / 2, y: (bitmap.height - (side * height) / width) / 2,
    width: side, height: (side * height) / width,
  };
  const photo = { copy: () => bitmap, width: bitmap.width, height: bitmap.height };
  drawThumb(canvas, { photo, mask: null, colour: "", region, width, height, points: [] });
  bitmap.close();
  return h("button", { type: "button", onclick: () => on.image(blob, name, phrase) }, canvas, title);
}
