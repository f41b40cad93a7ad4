/** What buttons and keys do. */

import { byId, h } from "./dom.js";
import { differs } from "./scene.js";
import { SHORTCUTS } from "./keyboard.js";
import { stepped } from "./objects.js";
import { activeOf } from "./state.js";

const ZOOM = 1.25;

/** Functions by name. */
export function commandsOf({ store, ui, scene, strokes, exporting }) {
  const dispatch = (action) => store.dispatch(action);
  const active = () => activeOf(store.state);
  const opened = (run) => (...values) => store.state.image && run(...values);
  const take = (tool) => opened(() => {
    strokes.back(true);
    ui.set({ tool });
  });
  const choose = (choice) => {
    const { answer, base } = active();
    const known = choice === "before" ? base : choice === "text" ? answer?.text_mask : answer?.candidates[choice];
    if (choice === null || known) dispatch({ type: "choose", choice });
  };
  const step = (by) => {
    const choice = stepped(active(), by);
    if (choice !== null) choose(choice);
  };
  const walk = (by) => {
    const { objects, active: id } = store.state.present;
    const at = objects.findIndex((object) => object.id === id);
    dispatch({ type: "activate", id: objects.at((at + by + objects.length) % objects.length).id });
  };
  const commands = {
    click: take("click"), box: take("box"), scribble: take("scribble"), polygon: take("polygon"),
    hand: take("hand"),
    flip: opened(() => ui.set({ removes: !ui.removes })),
    adds: () => ui.set({ removes: false }), removes: () => ui.set({ removes: true }),
    phrase: opened(() => byId("phrase").select()), negative: opened(() => byId("negative").select()),
    choose: opened(choose), gate: opened(() => choose(null)), before: opened(() => choose("before")),
    part: opened(() => step(-1)), whole: opened(() => step(1)),
    differ: opened(() => ui.set({ differ: !differs(active(), ui) })),
    add: opened(() => dispatch({ type: "add" })),
    remove: opened(() => dispatch({ type: "remove", id: active().id })),
    hide: opened(() => dispatch({ type: "hide", id: active().id, hidden: !active().hidden })),
    previous: opened(() => walk(-1)), next: opened(() => walk(1)),
    undo: () => strokes.back() || dispatch({ type: "undo" }), redo: () => dispatch({ type: "redo" }),
    larger: () => scene.view.zoomBy(ZOOM), smaller: () => scene.view.zoomBy(1 / ZOOM), fit: () => scene.view.fit(),
    escape: () => strokes.back(true) || byId("marks").focus(),
    clear: () => dispatch({ type: "clear" }),
    open: () => byId("file").click(), export: opened(() => exporting.open()),
    help: () => byId("help-window").showModal(), theme: () => ui.nextTheme(),
  };
  return commands;
}

/** Buttons with the name of a command, and the other controls. */
export function listenToButtons(commands, { store, ui }) {
  const names = ["undo", "redo", "export", "help", "theme", "smaller", "larger", "fit", "gate", "add", "clear"];
  for (const name of names) byId(name).addEventListener("click", () => commands[name]());
  byId("keep").addEventListener("click", () => commands.before());
  for (const button of document.querySelectorAll("[data-tool]")) {
    button.addEventListener("click", () => commands[button.dataset.tool]());
  }
  for (const button of document.querySelectorAll("[data-sign]")) {
    button.addEventListener("click", () => commands[button.dataset.sign === "0" ? "removes" : "adds"]());
  }
  for (const button of document.querySelectorAll("[data-close]")) {
    button.addEventListener("click", () => button.closest("dialog").close());
  }
  byId("differ").addEventListener("change", ({ target }) => ui.set({ differ: target.checked }));
  byId("pool").addEventListener("change", ({ target }) => store.dispatch({ type: "pool", pool: target.value || null }));
  const single = byId("single-keys");
  single.checked = ui.singleKeys;
  single.addEventListener("change", () => ui.setSingleKeys(single.checked));
  byId("keys").append(...SHORTCUTS.map(({ title, keys }) => h("section", {},
    h("h3", {}, title),
    h("dl", {}, ...keys.map(([key, does]) => h("div", {},
      h("dt", {}, ...key.split(" ").map((one) => (one === "…" ? " … " : h("kbd", {}, one)))), h("dd", {}, does)))))));
}
