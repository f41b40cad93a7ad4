/**
 * Session files: the photograph, every object, every mask, in one JSON file that reopens exactly.
 *
 * A file may come from anywhere: everything in it is checked and copied field by field.
 */

import { NOTHING } from "./objects.js";
import { runsOf } from "./rle.js";

const FORMAT = "biprompt-session";
const VERSION = 1;
const IMAGE_TYPES = /^data:(image\/[a-z0-9.+-]{1,40});base64,([A-Za-z0-9+/]+=*)$/;
const VERDICTS = ["found", "absent", "disagree"];
const MOST = 10_000;

/** The text of a session file. */
export async function pack(photo, document) {
  const image = {
    name: photo.name, width: photo.width, height: photo.height, data: await dataUrl(photo.blob),
  };
  return JSON.stringify({ format: FORMAT, version: VERSION, image, document });
}

async function dataUrl(blob) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const parts = [];
  for (let at = 0; at < bytes.length; at += 0x8000) {
    parts.push(String.fromCharCode(...bytes.subarray(at, at + 0x8000)));
  }
  return `data:${blob.type || "image/png"};base64,${btoa(parts.join(""))}`;
}

/** {blob, name, document} of a session file; an Error says what is wrong with it. */
export function unpack(text) {
  const file = parsed(text);
  if (file?.format !== FORMAT) throw new Error("this is not a session file of biprompt");
  if (file.version !== VERSION) throw new Error(`session version ${VERSION} is expected`);
  const { image } = file;
  const [, type, data] = IMAGE_TYPES.exec(image?.data ?? "") ?? fail("the photograph is missing");
  const size = [whole(image.height, "height", 1), whole(image.width, "width", 1)];
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  return {
    blob: new Blob([bytes], { type }), name: words(image.name, 200) || "photograph",
    document: documentOf(file.document, size),
  };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error("this is not a session file: no valid JSON");
  }
}

function fail(what) {
  throw new Error(`session file: ${what}`);
}

function documentOf(value, size) {
  const objects = listOf(value?.objects, "objects", (one) => objectOf(one, size));
  const ids = new Set(objects.map(({ id }) => id));
  if (!objects.length || ids.size !== objects.length) fail("objects need numbers of their own");
  const active = ids.has(value.active) ? value.active : objects[0].id;
  return { objects, active, next: Math.max(...ids) + 1 };
}

function objectOf(value, size) {
  const answer = value?.ask === value?.answered && value?.answer ? answerOf(value.answer, size) : null;
  const { choice } = value;
  const known = ["before", "text"].includes(choice) || Number.isInteger(choice) && answer?.candidates[choice];
  return {
    id: whole(value.id, "number of an object", 1),
    label: value.label === null ? null : words(value.label, 1000),
    colour: /^#[0-9a-f]{6}$/i.test(value.colour) ? value.colour : fail("a colour"),
    hidden: value.hidden === true,
    prompt: promptOf(value.prompt, size),
    base: value.base ? { id: null, mask: maskOf(value.base.mask, size), score: share(value.base.score) } : null,
    pool: ["paper", "wide", "parts"].includes(value.pool) ? value.pool : null,
    // What was never answered is asked when the file is open.
    ask: answer ? 0 : 1, answered: 0, answer,
    choice: answer && known ? choice : null,
  };
}

function promptOf(value, [height, width]) {
  const inside = (at, most) => number(at) >= 0 && at <= most ? at : fail("a mark outside the photograph");
  const place = (pair) => [inside(pair?.[0], width), inside(pair?.[1], height)];
  const label = (one) => (one.label === 0 ? 0 : 1);
  return {
    ...NOTHING,
    points: listOf(value?.points, "points", (one) =>
      ({ x: inside(one?.x, width), y: inside(one?.y, height), label: label(one) })),
    box: value.box ? [...place(value.box), ...place(value.box.slice(2))] : null,
    scribbles: listOf(value.scribbles, "scribbles", (one) =>
      ({ points: listOf(one?.points, "a scribble", place), label: label(one) })),
    polygon: value.polygon ? listOf(value.polygon, "an outline", place) : null,
    text: words(value.text, 1000), negative: words(value.negative, 1000),
  };
}

function answerOf(value, size) {
  const candidates = listOf(value.candidates, "candidates", (one) => ({
    source: words(one?.source, 40), index: whole(one.index, "index", 0),
    score: share(one.score) ?? 0, similarity: share(one.similarity), mask: maskOf(one.mask, size),
  }));
  const { winner } = value;
  return {
    // The server that gave it this name may be gone.
    id: null,
    model: words(value.model, 100), metric: words(value.metric, 20),
    policy: words(value.policy, 60), pool: words(value.pool, 20), reason: words(value.reason, 2000),
    verdict: VERDICTS.includes(value.verdict) ? value.verdict : fail("a verdict"),
    presence: share(value.presence), similarity: share(value.similarity), margin: share(value.margin),
    winner: winner === null || candidates[winner] ? winner : fail("a winner"),
    text_understood: typeof value.text_understood === "boolean" ? value.text_understood : null,
    mask: maskOf(value.mask, size), text_mask: value.text_mask ? maskOf(value.text_mask, size) : null,
    candidates,
    timings_ms: Object.fromEntries(Object.entries(value.timings_ms ?? {})
      .filter(([, ms]) => Number.isFinite(ms)).slice(0, 20)),
  };
}

function maskOf(value, size) {
  const mask = { size: [...size], counts: String(value?.counts ?? "") };
  if (value?.size?.[0] !== size[0] || value.size[1] !== size[1]) fail("a mask of another size");
  runsOf(mask);
  return mask;
}

function listOf(value, what, one) {
  if (!Array.isArray(value) || value.length > MOST) fail(`${what}: a list is expected`);
  return value.map(one);
}

const number = (value) => (Number.isFinite(value) ? value : fail("a number is expected"));

const share = (value) => (value === null || value === undefined ? null : number(value));

const whole = (value, what, least) =>
  Number.isInteger(value) && value >= least ? value : fail(`${what}: a whole number is expected`);

const words = (value, most) =>
  (typeof value === "string" && value.length <= most ? value : fail("a text is missing or too long"));
