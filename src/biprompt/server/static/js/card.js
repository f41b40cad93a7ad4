/** The selection card: which masks were offered, which one was taken, by how much, and why. */

import { h, icon, setText } from "./dom.js";
import { asksSomething, hasMarks, isPending } from "./objects.js";
import { drawThumb, regionOf } from "./thumbs.js";
import { count, decimal, explanation, headline, percent, sourceOf, worse } from "./words.js";

const THUMB = { width: 96, height: 72 };
const KEYS = { text: "Key 0", before: "Key K" };
const SIGNS = { found: "check", absent: "none", disagree: "differ" };

export class Card {
  #shown = null; // the object of the last rendering
  #photo = null;
  #tiles = new Map(); // choice -> {label, input, note}

  /** `parts`: elements by name. `on`: choose(choice), preview(choice or undefined). */
  constructor(parts, on) {
    Object.assign(this, { parts, on });
  }

  render(object, photo) {
    const before = this.#shown;
    this.#shown = object;
    const answer = asksSomething(object.prompt) ? object.answer : null;
    this.#head(object, answer);
    const anew = ["answer", "base", "colour", "id"].some((key) => before?.[key] !== object[key]);
    if (anew || photo !== this.#photo) this.#rows(object, answer, photo);
    this.#mark(object, answer);
    if (anew || photo !== this.#photo) this.#reveal();
    this.#photo = photo;
    const asked = asksSomething(object.prompt);
    this.parts.card.dataset.state = !asked ? "idle" : isPending(object) ? "pending" : "answered";
    setText(this.parts.foot, answer ? footer(answer) : "");
  }

  /** Bring the row that stands into sight, where the card scrolls by itself. */
  #reveal() {
    const { card, tiles } = this.parts;
    card.scrollTop = 0;
    const taken = tiles.querySelector(".taken");
    if (!taken || card.scrollHeight <= card.clientHeight) return;
    const end = taken.offsetTop + taken.offsetHeight + 8;
    if (end > card.clientHeight) card.scrollTop = end - card.clientHeight;
  }

  #head(object, answer) {
    const { parts } = this;
    const sign = answer && object.choice === null ? answer.verdict : answer ? "chosen" : "idle";
    if (parts.sign.dataset.sign !== sign) {
      parts.sign.dataset.sign = sign;
      parts.sign.replaceChildren(...(answer ? [icon(SIGNS[sign] ?? "hand-check")] : []));
    }
    setText(parts.headline, headline(object));
    setText(parts.reason, explanation(object));
    parts.gate.hidden = object.choice === null;
    const trouble = worse(object);
    parts.worse.hidden = trouble === null;
    setText(parts.worseText, trouble ? `This correction may be worse: ${trouble}.` : "");
    this.#presence(object, answer);
  }

  #presence({ prompt }, answer) {
    const share = answer?.presence ?? null;
    this.parts.presence.hidden = share === null;
    if (share === null) return;
    const name = `“${prompt.text}” in this image`;
    this.parts.presence.replaceChildren(...meter(name, share, percent(share)));
  }

  #rows(object, answer, photo) {
    const focused = document.activeElement?.name === "choice" ? document.activeElement.value : null;
    this.#tiles.clear();
    const rows = answer && photo?.bitmap ? rowsOf(object) : [];
    const region = regionOf(photo, rows.map((row) => row.mask), object.prompt.points,
      THUMB.width / THUMB.height);
    setText(this.parts.legend, rows.length ? title(answer, object.prompt) : "");
    this.parts.tiles.replaceChildren(...rows.map((row) => this.#row(row, object, photo, region)));
    if (focused !== null) this.#tiles.get(focused)?.input.focus();
  }

  #row(row, object, photo, region) {
    const canvas = h("canvas", { className: "thumb", "aria-hidden": "true" });
    const colour = row.choice === "text" ? "#f5b301" : object.colour;
    drawThumb(canvas, { ...THUMB, photo, mask: row.mask, colour, region, points: object.prompt.points });
    const input = h("input", {
      type: "radio", name: "choice", value: String(row.choice), className: "unseen",
      onchange: () => this.on.choose(row.choice),
      onclick: () => this.on.choose(row.choice),
      onfocus: () => input.matches(":focus-visible") && this.on.preview(row.choice),
      onblur: () => this.on.preview(undefined),
    });
    const note = h("span", { className: "note" });
    const label = h("label", {
      className: "tile", title: KEYS[row.choice] ?? `Key ${row.choice + 1}`,
      onpointerenter: ({ pointerType }) => pointerType === "mouse" && this.on.preview(row.choice),
      onpointerleave: () => this.on.preview(undefined),
    }, input, canvas, h("span", { className: "facts" },
      h("span", { className: "name" }, h("b", {}, row.name), note),
      row.source ? h("span", { className: "source" }, row.source) : null, ...row.meters));
    this.#tiles.set(String(row.choice), { label, input, note });
    return label;
  }

  /** Which row stands, and whose choice it was. */
  #mark(object, answer) {
    const gate = answer ? String(answer.winner) : null;
    const taken = object.choice === null ? gate : String(object.choice);
    for (const [choice, { label, input, note }] of this.#tiles) {
      input.checked = choice === taken;
      label.classList.toggle("taken", choice === taken);
      let words = choice === taken ? "your choice" : "gate’s choice";
      if (object.choice === null) words = won(answer);
      setText(note, choice === taken || choice === gate ? words : "");
    }
  }
}

function won({ margin }) {
  if (margin === null) return "chosen";
  return margin < 0.005 ? "just ahead" : `won by ${decimal(margin)}`;
}

/** All candidates of one source: the source is said once, above them. */
const sameSource = ({ candidates }) => new Set(candidates.map(({ source }) => source)).size < 2;

function rowsOf(object) {
  const { answer, base, prompt } = object;
  const said = sameSource(answer);
  const rows = answer.candidates.map((one, i) => ({
    choice: i, mask: one.mask, name: `Candidate ${i + 1}`, source: said ? null : sourceOf(one, prompt),
    meters: [
      ...(one.similarity === null ? [] : [h("span", { className: "meter" },
        ...meter("Agreement", one.similarity, decimal(one.similarity)))]),
      h("span", { className: "meter" }, ...meter("Predicted IoU", one.score, decimal(one.score))),
    ],
  }));
  if (answer.text_mask && hasMarks(prompt)) {
    rows.unshift({
      choice: "text", mask: answer.text_mask, name: "The phrase", meters: [],
      source: "what it outlines; the candidates are compared with it",
    });
  }
  if (base) {
    const meters = base.score === null ? [] : [h("span", { className: "meter" },
      ...meter("Predicted IoU", base.score, decimal(base.score)))];
    rows.push({ choice: "before", mask: base.mask, name: "Before", source: "the mask that was corrected", meters });
  }
  return rows;
}

/** A name, a bar and a number. */
function meter(name, share, value) {
  const bar = h("span", { className: "bar", "aria-hidden": "true" });
  bar.style.setProperty("--share", Math.min(Math.max(share, 0), 1));
  return [h("span", { className: "of" }, name), bar, h("span", { className: "value" }, value)];
}

function title(answer, prompt) {
  const { candidates } = answer;
  const source = candidates.length && sameSource(answer) ? ` ${sourceOf(candidates[0], prompt)}` : "";
  return `${count(candidates.length, "candidate")}${source}`;
}

function footer(answer) {
  const { model, metric, policy, pool, timings_ms: timings } = answer;
  const spent = ["ground", "decode", "gate"].reduce((sum, step) => sum + (timings?.[step] ?? 0), 0);
  return `${model} · ${policy} (${metric === "iou" ? "IoU" : "Dice"}) · ${pool} pool · model ${Math.round(spent)} ms`;
}
