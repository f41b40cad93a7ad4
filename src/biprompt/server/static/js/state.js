/**
 * Everything the page knows, and the one pure function that changes it.
 *
 * state: image (null or {name, width, height}), past, present, future (documents), asks (how
 * many questions were ever asked: numbers are never used twice, not even after an undo), merge.
 * document: objects, active (id), next (id of the next object).
 */

import { COLOURS, NOTHING, asksSomething, baseOf, hasMarks, newObject } from "./objects.js";

const MOST_STEPS = 500;

export function emptyDocument() {
  return { objects: [newObject(1, COLOURS[0])], active: 1, next: 2 };
}

export function initialState() {
  return { image: null, past: [], present: emptyDocument(), future: [], asks: 0, merge: null };
}

export const activeOf = (state) => objectOf(state, state.present.active);

export const objectOf = (state, id) => state.present.objects.find((object) => object.id === id);

/** The state after an action; the same state when the action changes nothing. */
export function reduce(state, action) {
  const act = ACTIONS[action.type];
  if (!act) throw new Error(`no action is called ${action.type}`);
  return act(state, action);
}

/** A new document as one step that can be undone; steps with the same `merge` count as one. */
function step(state, present, merge = null) {
  const again = merge !== null && merge === state.merge;
  const past = again ? state.past : [...state.past, state.present].slice(-MOST_STEPS);
  return { ...state, past, present, future: [], merge };
}

function withObject(document, id, change) {
  const objects = document.objects.map((one) => (one.id === id ? { ...one, ...change } : one));
  return { ...document, objects };
}

/** The active object asks a new question. */
function ask(state, change, merge) {
  const object = { ...activeOf(state), ...change, choice: null, ask: state.asks + 1 };
  if (!asksSomething(object.prompt)) {
    Object.assign(object, { base: null, answer: null, answered: object.ask });
  }
  const present = withObject(state.present, object.id, object);
  return { ...step(state, present, merge), asks: state.asks + 1 };
}

/** Where marks are there already, or one takes away, the mask is corrected and not asked anew. */
function corrects(object, removes) {
  return (hasMarks(object.prompt) || removes) && object.answer !== null;
}

const ACTIONS = {
  /** A photograph arrives: nothing of the one before stays. */
  open(state, { image, document }) {
    let { asks } = state;
    const renumbered = (object) =>
      object.ask === object.answered ? object : { ...object, ask: ++asks, answered: 0 };
    const given = document ?? emptyDocument();
    const present = { ...given, objects: given.objects.map(renumbered) };
    return { ...initialState(), image, present, asks };
  },

  point(state, { x, y, label }) {
    const object = activeOf(state);
    const base = corrects(object, label === 0) ? baseOf(object) : null;
    const points = [...object.prompt.points, { x, y, label }];
    return ask(state, { prompt: { ...object.prompt, points }, base });
  },

  scribble(state, { points, label }) {
    const object = activeOf(state);
    const base = corrects(object, label === 0) ? baseOf(object) : null;
    const scribbles = [...object.prompt.scribbles, { points, label }];
    return ask(state, { prompt: { ...object.prompt, scribbles }, base });
  },

  box: (state, { box }) =>
    ask(state, { prompt: { ...activeOf(state).prompt, box }, base: null }),

  polygon: (state, { polygon }) =>
    ask(state, { prompt: { ...activeOf(state).prompt, polygon }, base: null }),

  /** Take one mark back: the rest is asked without the masks that it led to. */
  unmark(state, { kind, index }) {
    const { prompt } = activeOf(state);
    const value = Array.isArray(prompt[kind]) && index !== undefined
      ? prompt[kind].filter((_, i) => i !== index) : null;
    return ask(state, { prompt: { ...prompt, [kind]: value }, base: null });
  },

  clear(state) {
    const { text, negative } = activeOf(state).prompt;
    return ask(state, { prompt: { ...NOTHING, text, negative }, base: null });
  },

  /** field: "text" or "negative"; typing in one go counts as one step. */
  phrase(state, { field, value }) {
    const object = activeOf(state);
    if (object.prompt[field] === value) return state;
    return ask(state, { prompt: { ...object.prompt, [field]: value } }, `${field} ${object.id}`);
  },

  /** Typing has ended: the next letters are a step of their own. */
  settle: (state) => (state.merge === null ? state : { ...state, merge: null }),

  pool: (state, { pool }) =>
    activeOf(state).pool === pool ? state : ask(state, { pool }),

  /** An answer arrives. It counts only while its question still stands. */
  answer(state, { id, ask: number, answer }) {
    if (objectOf(state, id)?.ask !== number) return state;
    const present = withObject(state.present, id, { answer, answered: number });
    return { ...state, present };
  },

  /** Overrule the gate, or with null trust it again. */
  choose(state, { choice }) {
    const object = activeOf(state);
    if (object.choice === choice) return state;
    return step(state, withObject(state.present, object.id, { choice }));
  },

  add(state) {
    const { objects, next } = state.present;
    const bare = objects.find((one) => !asksSomething(one.prompt) && one.label === null);
    if (bare) return ACTIONS.activate(state, { id: bare.id });
    const colour = COLOURS.find((one) => objects.every((other) => other.colour !== one));
    const object = newObject(next, colour ?? COLOURS[(next - 1) % COLOURS.length]);
    return step(state, { objects: [...objects, object], active: next, next: next + 1 });
  },

  activate: (state, { id }) =>
    ({ ...state, present: { ...state.present, active: id }, merge: null }),

  rename: (state, { id, label }) =>
    step(state, withObject(state.present, id, { label: label.trim() || null }), `name ${id}`),

  recolour: (state, { id, colour }) =>
    step(state, withObject(state.present, id, { colour }), `colour ${id}`),

  hide: (state, { id, hidden }) => step(state, withObject(state.present, id, { hidden })),

  remove(state, { id }) {
    const { objects, active, next } = state.present;
    const at = objects.findIndex((one) => one.id === id);
    const left = objects.filter((one) => one.id !== id);
    if (!left.length && !asksSomething(objects[0].prompt) && !objects[0].label) return state;
    if (!left.length) left.push(newObject(next, COLOURS[0]));
    const heir = active === id ? left[Math.min(at, left.length - 1)].id : active;
    return step(state, { objects: left, active: heir, next: Math.max(next, left.at(-1).id + 1) });
  },

  undo(state) {
    if (!state.past.length) return state;
    const future = [state.present, ...state.future];
    return { ...state, past: state.past.slice(0, -1), present: state.past.at(-1), future, merge: null };
  },

  redo(state) {
    if (!state.future.length) return state;
    const past = [...state.past, state.present];
    return { ...state, past, present: state.future[0], future: state.future.slice(1), merge: null };
  },
};
