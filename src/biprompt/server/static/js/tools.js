/** Strokes: what is done with a mouse, a finger, a pen or the keys becomes marks of a prompt. */

const NEAR = 12; // on the screen: two corners closer than this are one

/**
 * Collects one stroke at a time, in pixels of the photograph. `done(action)` hears of whole ones.
 * draft: null, or {kind: "box" | "scribble" | "polygon", points [{x, y}], label, end}.
 */
export class Strokes {
  draft = null;

  constructor({ view, done, changed }) {
    Object.assign(this, { view, done, changed });
  }

  /** One place was pointed at. */
  point(at, label) {
    if (this.view.holds(at)) this.done({ type: "point", x: round(at.x), y: round(at.y), label });
  }

  /** A corner of the outline; on the first or on the last one it closes. */
  corner(at) {
    const points = this.draft?.points ?? [];
    const closes = points.length > 2 && [points[0], points.at(-1)].some((one) => this.#near(one, at));
    if (closes) this.finish();
    else if (!points.length || !this.#near(points.at(-1), at)) {
      this.#draw({ kind: "polygon", points: [...points, this.view.inside(at)], label: 1, end: null });
    }
  }

  /** Where the next corner would lie. */
  hover(at) {
    if (this.draft?.kind === "polygon") this.#draw({ ...this.draft, end: this.view.inside(at) });
  }

  begin(kind, at, label) {
    this.#draw({ kind, points: [this.view.inside(at)], label: kind === "box" ? 1 : label });
  }

  extend(at) {
    const { kind, points } = this.draft;
    const next = this.view.inside(at);
    if (kind === "scribble" && this.#near(points.at(-1), next, 2)) return;
    this.#draw({ ...this.draft, points: kind === "box" ? [points[0], next] : [...points, next] });
  }

  /** The stroke is whole; one without area is dropped. */
  finish() {
    const { draft } = this;
    if (!draft) return;
    this.#draw(null);
    const action = ACTIONS[draft.kind](draft);
    if (action) this.done(action);
  }

  /** Take back the last corner, or the whole stroke. True when there was something. */
  back(all = false) {
    if (!this.draft) return false;
    const points = this.draft.points.slice(0, -1);
    this.#draw(all || this.draft.kind !== "polygon" || !points.length ? null : { ...this.draft, points });
    return true;
  }

  #near(a, b, within = NEAR) {
    return Math.hypot(a.x - b.x, a.y - b.y) * this.view.scale < within;
  }

  #draw(draft) {
    this.draft = draft;
    this.changed();
  }
}

const round = (value) => Math.floor(value * 100) / 100;

const pair = ({ x, y }) => [round(x), round(y)];

const ACTIONS = {
  box({ points }) {
    const [a, b] = [points[0], points.at(-1)];
    const box = [a.x, a.y, b.x, b.y].map(round);
    const sorted = [0, 1].map((i) => Math.min(box[i], box[i + 2]));
    sorted.push(...[0, 1].map((i) => Math.max(box[i], box[i + 2])));
    return sorted[2] - sorted[0] >= 1 && sorted[3] - sorted[1] >= 1 ? { type: "box", box: sorted } : null;
  },
  scribble: ({ points, label }) => ({ type: "scribble", points: thin(points.map(pair)), label }),
  polygon({ points }) {
    const polygon = points.map(pair);
    return Math.abs(twiceArea(polygon)) >= 1 ? { type: "polygon", polygon } : null;
  },
};

const MOST_POINTS = 200;

/** A long stroke with fewer points: the server takes a bounded number. */
function thin(points) {
  if (points.length <= MOST_POINTS) return points;
  const step = (points.length - 1) / (MOST_POINTS - 1);
  return Array.from({ length: MOST_POINTS }, (_, i) => points[Math.round(i * step)]);
}

const twiceArea = (polygon) =>
  polygon.reduce((sum, [x, y], i) => {
    const [nextX, nextY] = polygon[(i + 1) % polygon.length];
    return sum + x * nextY - y * nextX;
  }, 0);
