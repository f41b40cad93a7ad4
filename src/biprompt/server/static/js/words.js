/** What the page says: the verdict and the numbers in plain words. All of it is text, never HTML. */

import { asksSomething, bare, hasMarks, isPending, labelOf, maskOf, scoreOf } from "./objects.js";
import { area, covers } from "./rle.js";

const WORSE_BY = 0.03;
const AGREES_WELL = 0.5;
const AGREES_SOME = 0.2;
const LIKELY = 0.5;

const SOURCES = {
  joint: "from pointing and phrase together", text: "from the phrase",
  "text@click": "from the phrase, where you pointed", refine: "from refining another candidate",
  part: "from one of your prompts alone", mean: "the mean of the others",
  drawn: "as you drew it",
  example: "from the examples",
};

export const percent = (share) => {
  if (share > 0 && share < 0.01) return "under 1 %";
  if (share < 1 && share > 0.99) return "over 99 %";
  return `${Math.round(share * 100)} %`;
};

export const decimal = (value) => value.toFixed(2);

const quoted = (phrase) => `“${phrase}”`;

export const count = (n, one, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;

/** What the user did to point: "click", "clicks", "box", "scribble", "outline" or "marks". */
export function pointing({ points, box, scribbles, polygon }) {
  const kinds = [points.length, box, scribbles.length, polygon].filter(Boolean).length;
  if (kinds !== 1) return "marks";
  if (points.length) return points.length === 1 ? "click" : "clicks";
  if (box) return "box";
  return polygon ? "outline" : "scribble";
}

export function sourceOf(candidate, prompt) {
  if (candidate.source === "point") return `from the ${pointing(prompt)}`;
  return SOURCES[candidate.source] ?? candidate.source;
}

/** The verdict in one line. */
export function headline(object) {
  const { prompt, answer, choice } = object;
  if (!asksSomething(prompt)) return "Nothing asked yet";
  if (!answer) return "Looking …";
  if (choice !== null) return `Your choice: ${choiceName(choice)}`;
  if (answer.verdict === "absent") return absent(answer, prompt);
  if (answer.verdict === "disagree") return `The ${pointing(prompt)} and the phrase disagree`;
  return found(answer, prompt);
}

function absent(answer, prompt) {
  if (answer.text_understood === false) return `No word of ${quoted(prompt.text)} is known here`;
  if (!prompt.text) return "Nothing found there";
  const thing = bare(prompt.text);
  const short = thing.split(" ").length <= 4 && !/[.,;:!?"]/.test(thing);
  const words = short ? `There is no ${thing} here` : `${quoted(prompt.text)} is not here`;
  return answer.presence === null ? words : `${words}: presence ${percent(answer.presence)}`;
}

function found(answer, prompt) {
  const marks = pointing(prompt);
  if (!prompt.text) return `Found from the ${marks} alone`;
  if (answer.text_understood === false) {
    return `Found from the ${marks} alone: no word of ${quoted(prompt.text)} is known here`;
  }
  if (!hasMarks(prompt)) {
    const sure = answer.presence === null ? "" : `: ${percent(answer.presence)} sure it is here`;
    return `Found ${quoted(prompt.text)}${sure}`;
  }
  if (answer.presence !== null && answer.presence < LIKELY) {
    return `Found where you pointed, but perhaps no ${bare(prompt.text)}: ${percent(answer.presence)}`;
  }
  const verb = marks === "clicks" || marks === "marks" ? "agree" : "agrees";
  const alike = answer.similarity ?? 1;
  if (alike < AGREES_SOME) return `Found, but the ${marks} hardly ${verb} with ${quoted(prompt.text)}`;
  return `Found: the ${marks} ${verb}${alike < AGREES_WELL ? " in part" : ""} with ${quoted(prompt.text)}`;
}

export function choiceName(choice) {
  if (choice === "before") return "the mask before this correction";
  return choice === "text" ? "what the phrase outlines" : `candidate ${choice + 1}`;
}

/** The sentence below the headline. */
export function explanation(object) {
  const { prompt, answer, choice } = object;
  if (!asksSomething(prompt)) return "Click a thing, drag a box around it, or name it.";
  if (!answer) return "";
  if (choice === null) return answer.reason ?? "";
  if (answer.winner === null) return "The gate had found nothing.";
  return `The gate had chosen ${choiceName(answer.winner)}.`;
}

/** Why the newest correction looks worse than the mask before it; null when it does not. */
export function worse(object) {
  const { base, answer, choice, prompt } = object;
  if (!base || !answer || isPending(object) || choice !== null) return null;
  if (answer.verdict === "absent" || area(answer.mask) === 0) return "the mask is gone";
  const kept = (mask, { x, y, label }) => covers(mask, x, y) === (label === 1);
  const lost = prompt.points.filter((one) => kept(base.mask, one) && !kept(answer.mask, one)).length;
  if (lost) return `it no longer follows ${count(lost, "of your clicks", "of your clicks")}`;
  const score = scoreOf(object);
  if (base.score !== null && score !== null && score < base.score - WORSE_BY) {
    return `predicted IoU fell from ${decimal(base.score)} to ${decimal(score)}`;
  }
  return null;
}

/** What the screen reader hears when an answer is there. */
export function spoken(object) {
  const mask = maskOf(object);
  const share = mask ? area(mask) / (mask.size[0] * mask.size[1]) : 0;
  const covered = share ? `The mask covers ${percent(share)} of the image.` : "No mask.";
  const trouble = worse(object);
  const warning = trouble ? `This correction may be worse: ${trouble}. Press K to keep the mask before.` : "";
  return [`${labelOf(object)}.`, `${headline(object)}.`, explanation(object), warning, covered]
    .filter(Boolean).join(" ");
}
