/** Mouse, finger and pen on the stage: strokes, moving and magnifying. */

const SLACK = 5; // on the screen: a press that moves less is a click
const LONG_MS = 500;
const WHEEL_ZOOM = 0.0016;

/** `ui` tells: tool ("click", "box", "scribble", "polygon", "hand"), removes, space (held down). */
export class Pointer {
  #down = new Map(); // pointer id -> place on the stage
  #press = null; // {start, kind, label, long}
  #pinch = null;

  constructor({ surface, view, strokes, ui, onPlace }) {
    Object.assign(this, { surface, view, strokes, ui, onPlace });
    const on = (name, listener, options) => surface.addEventListener(name, listener, options);
    on("pointerdown", (event) => this.#begin(event));
    on("pointermove", (event) => this.#move(event));
    on("pointerup", (event) => this.#end(event, true));
    on("pointercancel", (event) => this.#end(event, false));
    on("pointerleave", () => this.onPlace(null));
    on("contextmenu", (event) => event.preventDefault());
    on("wheel", (event) => this.#wheel(event), { passive: false });
  }

  #place(event) {
    const { left, top } = this.surface.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  #begin(event) {
    if (!this.view.shown) return;
    this.surface.setPointerCapture(event.pointerId);
    const at = this.#place(event);
    this.#down.set(event.pointerId, at);
    if (this.#down.size > 1) {
      this.#abandon();
      this.#pinch = this.#span();
      return;
    }
    const hand = event.button === 1 || this.ui.tool === "hand" || this.ui.space;
    const flips = event.button === 2 || event.altKey || event.ctrlKey || event.metaKey;
    const label = flips || this.ui.removes ? 0 : 1;
    this.#press = { start: at, last: at, kind: hand ? "hand" : "press", label, long: 0, moved: false };
    const touched = event.pointerType === "touch" && !hand && this.ui.tool === "click";
    if (touched) this.#press.long = setTimeout(() => this.#long(), LONG_MS);
    if (!hand && this.ui.tool === "scribble") this.#stroke("scribble");
  }

  #long() {
    const { start } = this.#press;
    this.#press = null;
    navigator.vibrate?.(15);
    this.strokes.point(this.view.toImage(start), 0);
  }

  #stroke(kind) {
    const { start, label } = this.#press;
    this.#press.kind = "stroke";
    this.strokes.begin(kind, this.view.toImage(start), label);
  }

  #move(event) {
    const at = this.#place(event);
    const image = this.view.shown ? this.view.toImage(at) : null;
    this.onPlace(image && this.view.holds(image) ? image : null);
    if (this.#pinch) return this.#pinched(event, at);
    if (!this.#press) {
      if (image) this.strokes.hover(image);
      return;
    }
    if (this.#down.has(event.pointerId)) this.#drag(at, image);
  }

  #drag(at, image) {
    const press = this.#press;
    press.moved ||= Math.hypot(at.x - press.start.x, at.y - press.start.y) > SLACK;
    if (press.moved) clearTimeout(press.long);
    if (press.kind === "hand") this.view.panBy(at.x - press.last.x, at.y - press.last.y);
    const boxes = this.ui.tool === "box" || this.ui.tool === "click";
    if (press.kind === "press" && press.moved && boxes) this.#stroke("box");
    if (press.kind === "stroke") this.strokes.extend(image);
    press.last = at;
  }

  #end(event, whole) {
    this.#down.delete(event.pointerId);
    if (this.#pinch) {
      if (!this.#down.size) this.#pinch = null;
      return;
    }
    const press = this.#press;
    this.#press = null;
    if (!press) return;
    clearTimeout(press.long);
    if (press.kind === "stroke") {
      if (whole) this.strokes.finish();
      else this.strokes.back(true);
    } else if (press.kind === "press" && whole && !press.moved) this.#click(press);
  }

  #click({ start, label }) {
    const at = this.view.toImage(start);
    if (this.ui.tool === "polygon") this.strokes.corner(at);
    else if (this.ui.tool === "click") this.strokes.point(at, label);
  }

  /** A second finger: what the first one began was not meant. */
  #abandon() {
    clearTimeout(this.#press?.long);
    if (this.#press?.kind === "stroke") this.strokes.back(true);
    this.#press = null;
  }

  #span() {
    const [a, b] = [...this.#down.values()];
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, length: Math.hypot(a.x - b.x, a.y - b.y) };
  }

  #pinched(event, at) {
    if (!this.#down.has(event.pointerId) || this.#down.size < 2) return;
    this.#down.set(event.pointerId, at);
    const now = this.#span();
    this.view.panBy(now.x - this.#pinch.x, now.y - this.#pinch.y);
    this.view.zoomBy(now.length / Math.max(this.#pinch.length, 1), now);
    this.#pinch = now;
  }

  #wheel(event) {
    if (!this.view.shown) return;
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 16 : 1;
    const pace = event.ctrlKey ? 6 : 1; // a pinch on a touch pad comes as a wheel in small steps
    this.view.zoomBy(Math.exp(-event.deltaY * lines * pace * WHEEL_ZOOM), this.#place(event));
  }
}
