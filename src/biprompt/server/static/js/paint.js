/** What lies over the photograph: masks, marks, the stroke being drawn, the crosshair. */

import { shapeOf } from "./shapes.js";

const ADD = "#009e73";
const REMOVE = "#d55e00";
export const PHRASE = "#f5b301";
const WHITE = "#fff";
const DARK = "rgb(16 20 26 / 0.75)";
const EXACT_FROM = 6;
const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";

const outlineOf = (shape, view) => (view.scale >= EXACT_FROM ? shape.exact : shape.smooth);

/** A mask: tinted, with an outline that stands out on light and on dark. */
export function paintMask(context, view, mask, colour, { tint = 0.4, width = 2 } = {}) {
  const shape = shapeOf(mask);
  if (shape.empty) return;
  const path = outlineOf(shape, view);
  view.toPhoto(context);
  context.globalAlpha = tint;
  context.fillStyle = colour;
  context.fill(path);
  context.globalAlpha = 1;
  context.lineJoin = "round";
  stroke(context, path, WHITE, view.px(width + 1.75));
  stroke(context, path, colour, view.px(width));
}

function stroke(context, path, colour, width) {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke(path);
}

/** Where click and phrase differ: the phrase's mask dashed, and hatched where it is alone. */
export function paintDifference(context, view, { mask, text, colour, phrase, marks }) {
  const [own, words] = [shapeOf(mask), shapeOf(text)];
  if (!words.empty) {
    hatch(context, view, words, own);
    const path = outlineOf(words, view);
    context.setLineDash([view.px(7), view.px(4)]);
    stroke(context, path, DARK, view.px(3.5));
    stroke(context, path, PHRASE, view.px(2));
    context.setLineDash([]);
    tag(context, view, words.bounds, `phrase: ${phrase}`, PHRASE, "#16181b");
  }
  if (!own.empty) tag(context, view, own.bounds, marks, colour, WHITE);
}

/** Lines over what lies in `shape` and not in `other`. */
function hatch(context, view, shape, other) {
  view.toPhoto(context);
  context.save();
  const outside = new Path2D();
  const [x0, y0, x1, y1] = shape.bounds;
  outside.rect(x0 - 1, y0 - 1, x1 - x0 + 2, y1 - y0 + 2);
  outside.addPath(outlineOf(other, view));
  context.clip(outside, "evenodd");
  const pattern = context.createPattern(stripes(), "repeat");
  pattern.setTransform(new DOMMatrix().scale(view.px(0.5)));
  context.fillStyle = pattern;
  context.fill(outlineOf(shape, view));
  context.restore();
}

function stripes() {
  const side = 20;
  const tile = new OffscreenCanvas(side, side);
  const context = tile.getContext("2d");
  context.strokeStyle = PHRASE;
  context.lineWidth = 3;
  context.globalAlpha = 0.8;
  for (const shift of [-side, 0, side]) {
    context.beginPath();
    context.moveTo(shift - 2, side + 2);
    context.lineTo(shift + side + 2, -2);
    context.stroke();
  }
  return tile;
}

/** A word on a small plate at the upper edge of a shape. */
function tag(context, view, [x0, y0, x1], words, colour, ink) {
  const { ratio } = view;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.font = `600 12px ${FONT}`;
  const text = words.length > 32 ? `${words.slice(0, 31)}…` : words;
  const width = context.measureText(text).width + 14;
  const middle = view.x + ((x0 + x1) / 2) * view.scale;
  const left = Math.min(Math.max(middle - width / 2, 4), Math.max(view.width - width - 4, 4));
  const top = Math.min(Math.max(view.y + y0 * view.scale - 26, 4), view.height - 26);
  context.fillStyle = colour;
  context.beginPath();
  context.roundRect(left, top, width, 22, 4);
  context.fill();
  context.fillStyle = ink;
  context.textBaseline = "middle";
  context.fillText(text, left + 7, top + 11.5);
}

/** Everything that was pointed at for one object. */
export function paintMarks(context, view, { points, box, scribbles, polygon }) {
  view.toPhoto(context);
  if (box) line(context, view, corners(box), ADD, true);
  if (polygon) line(context, view, polygon, ADD, true);
  for (const one of scribbles) line(context, view, one.points, one.label ? ADD : REMOVE, false, 4);
  for (const one of points) point(context, view, one);
}

export const corners = ([x0, y0, x1, y1]) => [[x0, y0], [x1, y0], [x1, y1], [x0, y1]];

function line(context, view, points, colour, closed, width = 1.75) {
  const path = new Path2D();
  points.forEach(([x, y], i) => (i ? path.lineTo(x, y) : path.moveTo(x, y)));
  if (points.length === 1) path.lineTo(points[0][0] + view.px(0.1), points[0][1]);
  if (closed) path.closePath();
  context.lineJoin = context.lineCap = "round";
  stroke(context, path, WHITE, view.px(width + 2));
  stroke(context, path, colour, view.px(width));
}

/** A sign as well as a colour, so that adding and removing differ without colours too. */
function point(context, view, { x, y, label }) {
  const r = view.px(7.5);
  const arm = view.px(3.5);
  context.beginPath();
  context.arc(x, y, r, 0, 2 * Math.PI);
  context.fillStyle = label ? ADD : REMOVE;
  context.fill();
  context.strokeStyle = WHITE;
  context.lineWidth = view.px(1.75);
  context.stroke();
  context.beginPath();
  context.lineCap = "round";
  context.moveTo(x - arm, y);
  context.lineTo(x + arm, y);
  if (label) {
    context.moveTo(x, y - arm);
    context.lineTo(x, y + arm);
  }
  context.stroke();
}

/** The stroke that is not finished. */
export function paintDraft(context, view, draft) {
  view.toPhoto(context);
  const colour = draft.label ? ADD : REMOVE;
  if (draft.kind === "box") {
    const [a, b] = [draft.points[0], draft.points.at(-1)];
    line(context, view, corners([a.x, a.y, b.x, b.y]), colour, true);
    return;
  }
  const points = draft.points.map(({ x, y }) => [x, y]);
  const open = draft.kind === "polygon" && draft.end ? [...points, [draft.end.x, draft.end.y]] : points;
  line(context, view, open, colour, false, draft.kind === "scribble" ? 4 : 1.75);
  if (draft.kind === "polygon") point(context, view, { ...draft.points[0], label: 1 });
}

/** Where Enter will point. */
export function paintCrosshair(context, view, { x, y }, removes) {
  view.toPhoto(context);
  const [near, far] = [view.px(5), view.px(22)];
  const path = new Path2D();
  for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
    path.moveTo(x + dx * near, y + dy * near);
    path.lineTo(x + dx * far, y + dy * far);
  }
  context.lineCap = "butt";
  stroke(context, path, WHITE, view.px(4));
  stroke(context, path, removes ? REMOVE : "#16181b", view.px(1.75));
}
