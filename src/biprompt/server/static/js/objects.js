/**
 * One thing in the photograph: what was asked about it, what was answered, what was chosen.
 *
 * An object is plain data and never changed in place:
 *   id, label (null: named by its phrase), colour, hidden,
 *   prompt {points [{x, y, label}], box, scribbles [{points, label}], polygon, text, negative},
 *   base   the mask a correction starts from, {id, mask, score}, or null,
 *   pool   "paper" | "wide" | "parts" | null (what the server thinks best),
 *   ask    number of the question, answered: number of the question that `answer` belongs to,
 *   choice null (the gate's), index of a candidate, "text" (the phrase's mask) or "before" (base).
 */

import { area } from "./rle.js";

export const COLOURS = [
  "#1468e6", "#c2399b", "#0a9b8e", "#8b5cf6", "#c8551b", "#5f8a0c", "#0e8fc4", "#b0413e",
];

export const NOTHING = Object.freeze({
  points: [], box: null, scribbles: [], polygon: null, text: "", negative: "",
});

export function newObject(id, colour) {
  return {
    id, colour, label: null, hidden: false, prompt: NOTHING, base: null, pool: null,
    ask: 0, answered: 0, answer: null, choice: null,
  };
}

export const isPending = (object) => object.ask !== object.answered;

/** A phrase without its article: how a thing is called in a list or after "no". */
export const bare = (phrase) => phrase.replace(/^(the|a|an|some|this|that|my|his|her)\s+(?=\S)/i, "");

const MOST_LABEL = 100;

export const labelOf = (object) =>
  object.label ?? (bare(object.prompt.text).slice(0, MOST_LABEL) || `Object ${object.id}`);

export function hasMarks({ points, box, scribbles, polygon }) {
  return Boolean(points.length || box || scribbles.length || polygon);
}

/** Whether there is something to ask: words that exclude ask nothing by themselves. */
export const asksSomething = (prompt) => hasMarks(prompt) || prompt.text !== "";

/** The mask that stands for the object now; null without one. */
export function maskOf(object) {
  const { answer, base, choice } = object;
  if (isPending(object) && base) return base.mask;
  if (!answer) return base?.mask ?? null;
  if (choice === "before") return base?.mask ?? null;
  if (choice === "text") return answer.text_mask;
  return choice === null ? answer.mask : (answer.candidates[choice]?.mask ?? null);
}

/** The candidate one step larger (or smaller) than the mask that stands; null where there is none. */
export function stepped(object, by) {
  const masks = object.answer?.candidates.map(({ mask }) => mask) ?? [];
  const now = maskOf(object);
  if (!now || isPending(object)) return null;
  const sizes = masks.map(area);
  const here = area(now);
  const beyond = sizes.map((size, at) => at).filter((at) => sizes[at] && (sizes[at] - here) * by > 0);
  beyond.sort((one, other) => (sizes[one] - sizes[other]) * by);
  return beyond[0] ?? null;
}

/** Predicted IoU of the mask that stands for the object; null where there is none. */
export function scoreOf({ answer, base, choice }) {
  if (choice === "before") return base?.score ?? null;
  if (choice === "text" || !answer) return null;
  return answer.candidates[choice ?? answer.winner]?.score ?? null;
}

/** What a correction starts from: the mask that stands; null where there is nothing to correct. */
export function baseOf(object) {
  const mask = maskOf(object);
  if (!mask || area(mask) === 0) return null;
  if (isPending(object) || object.choice === "before") return object.base;
  // The server knows its own answer by name, and more exactly than its outline says.
  const id = object.choice === null ? object.answer.id : null;
  return { id, mask, score: scoreOf(object) };
}

/** The question as the server takes it. */
export function questionOf({ prompt, base }) {
  const question = {};
  if (prompt.points.length) question.points = prompt.points;
  if (prompt.box) question.box = prompt.box;
  if (prompt.scribbles.length) question.scribbles = prompt.scribbles;
  if (prompt.polygon) question.polygon = prompt.polygon;
  if (prompt.text) question.text = prompt.text;
  if (prompt.negative && asksSomething(prompt)) question.negative_text = prompt.negative;
  if (base) question.mask = base.id ? { answer: base.id } : base.mask;
  return question;
}
