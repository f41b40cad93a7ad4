/** What the page remembers besides the document: the tool in hand, and how things are shown. */

const THEMES = ["auto", "light", "dark"];
const KEYS = "biprompt-single-keys";
const THEME = "biprompt-theme";

/** Storage may be forbidden; the page works without. */
function stored(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function store(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Forgotten when the page closes.
  }
}

export class Ui {
  tool = "click";
  removes = false;
  space = false;
  differ = null; // show the difference: true, false, or null for when they disagree
  preview = undefined; // choice under the pointer or the focus

  /** `changed()` is called after every change. */
  constructor(changed) {
    this.changed = changed;
    this.singleKeys = stored(KEYS) !== "no";
    this.theme = THEMES.includes(stored(THEME)) ? stored(THEME) : "auto";
    this.#applyTheme();
  }

  set(change) {
    Object.assign(this, change);
    this.changed();
  }

  setSpace(space) {
    if (this.space !== space) this.set({ space });
  }

  setSingleKeys(on) {
    this.singleKeys = on;
    store(KEYS, on ? "yes" : "no");
  }

  nextTheme() {
    this.theme = THEMES[(THEMES.indexOf(this.theme) + 1) % THEMES.length];
    store(THEME, this.theme);
    this.#applyTheme();
    this.changed();
  }

  #applyTheme() {
    if (this.theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = this.theme;
  }
}
