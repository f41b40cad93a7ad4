/** Puts the page together: state, server, photograph, card. */

import { takeToken } from "./api.js";
import { listenToArrivals, showExamples } from "./arrivals.js";
import { Asking } from "./asking.js";
import { Card } from "./card.js";
import { commandsOf, listenToButtons } from "./commands.js";
import { byId } from "./dom.js";
import { ExportWindow } from "./export.js";
import { Crosshair, listenToKeys } from "./keyboard.js";
import { ObjectList } from "./list.js";
import { Notices } from "./notices.js";
import { asksSomething, labelOf, maskOf } from "./objects.js";
import { forgetPhotoOnLeave, Opening } from "./opening.js";
import { Pointer } from "./pointer.js";
import { MarkList, PhraseField } from "./prompts.js";
import { covers } from "./rle.js";
import { Review } from "./review.js";
import { Scene } from "./scene.js";
import { Sides } from "./sides.js";
import { activeOf, objectOf } from "./state.js";
import { Store } from "./store.js";
import { Strokes } from "./tools.js";
import { Timing } from "./timing.js";
import { Ui } from "./ui.js";
import { headline, spoken } from "./words.js";

takeToken();
const store = new Store();
const timing = new Timing();
const dispatch = (action) => store.dispatch(action);
const parts = (names) => Object.fromEntries(Object.entries(names).map(([key, id]) => [key, byId(id)]));

const notices = new Notices(parts({ bar: "notice", text: "notice-text", button: "notice-act", live: "live" }));
byId("notice-close").addEventListener("click", () => notices.clear());

const scene = new Scene(store, () => ui, () => crosshair, () => strokes);
const ui = new Ui(() => render());
const strokes = new Strokes({
  view: scene.view, changed: () => scene.view.request(),
  done(action) {
    timing.begin();
    if (["point", "scribble"].includes(action.type) && !allowed(action)) return;
    dispatch(action);
  },
});

/** The first mark of an object must add: there is nothing to take away from yet. */
function allowed({ label }) {
  const { prompt, answer } = activeOf(store.state);
  if (label === 1 || answer || asksSomething(prompt)) return true;
  notices.show("There is nothing to take away yet: add first, or name the thing.");
  return false;
}

const opening = new Opening({ store, notices, scene, onPhoto: () => asking.reset() });
const asking = new Asking({
  answered(id, ask, answer) {
    dispatch({ type: "answer", id, ask, answer });
    const object = objectOf(store.state, id);
    if (object?.answered === ask && id === store.state.present.active) notices.say(spoken(object));
    if (!asking.busy) timing.endAfter(scene.view);
  },
  waiting: (seconds) => notices.show(`The server is busy; asking again in ${seconds} s.`),
  failed: (error) => notices.show(`No answer: ${error.message}`, {
    problem: true,
    action: { name: "Try again", run: () => asking.retry(store.state, opening.photo) },
  }),
});

let said = 0;
const crosshair = new Crosshair({
  surface: byId("marks"), view: scene.view, strokes, ui,
  changed: () => scene.view.request(),
  say(at) {
    clearTimeout(said);
    said = setTimeout(() => {
      const over = store.state.present.objects.filter((one) => maskOf(one) && covers(maskOf(one), at.x, at.y));
      const names = over.map(labelOf).join(", ");
      notices.say(`${Math.floor(at.x)}, ${Math.floor(at.y)}${names ? `, on ${names}` : ""}`);
    }, 250);
  },
});
new Pointer({ surface: byId("marks"), view: scene.view, strokes, ui, onPlace: (at) => scene.place(at) });

const sides = new Sides({
  store, ui,
  card: new Card(
    parts({
      card: "card", sign: "sign", headline: "headline", reason: "reason", gate: "gate", worse: "worse",
      worseText: "worse-text", presence: "presence", legend: "tiles-title", tiles: "tiles", foot: "foot",
    }),
    { choose: (choice) => dispatch({ type: "choose", choice }), preview: (preview) => ui.set({ preview }) },
  ),
  list: new ObjectList(byId("objects"), dispatch),
  marks: new MarkList(byId("mark-details"), byId("mark-summary"), byId("mark-list"), dispatch),
  fields: Object.fromEntries([["text", "phrase"], ["negative", "negative"]].map(([field, id]) => [
    field, new PhraseField(byId(id), {
      changed: (value) => dispatch({ type: "phrase", field, value }),
      settled: () => dispatch({ type: "settle" }),
    }),
  ])),
});

const exporting = new ExportWindow(
  parts({
    dialog: "export-window", summary: "export-summary", choices: "formats", form: "export-form",
    message: "export-message",
  }),
  {
    current: () => ({ photo: opening.photo, document: store.state.present }),
    saveSession: () => opening.saveSession(),
    saved(words) {
      opening.saved();
      notices.show(words);
    },
  },
);

const review = new Review(
  parts({
    bar: "review", title: "review-title", why: "review-why", back: "review-back", skip: "review-skip",
    keep: "review-keep",
  }),
  { opening, notices, document: () => store.state.present },
);

const commands = { ...commandsOf({ store, ui, scene, strokes, exporting }), keep: () => review.keep() };
listenToButtons(commands, { store, ui });
listenToKeys({ commands, single: () => ui.singleKeys, ui });
listenToArrivals(opening);
showExamples(opening);
forgetPhotoOnLeave(opening);

function render() {
  const { state } = store;
  sides.render(state, opening.photo);
  scene.render();
}

store.subscribe((state, before) => {
  if (state.present.active !== before.present.active) ui.preview = undefined;
  const object = activeOf(state);
  if (object.choice !== objectOf(before, object.id)?.choice) notices.say(`${headline(object)}.`);
  asking.sync(state, opening.photo);
  render();
});
render();
review.start();
