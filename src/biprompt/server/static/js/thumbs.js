/** Small pictures of masks: all of one answer show the same part of the photograph. */

import { paintMask } from "./paint.js";
import { shapeOf } from "./shapes.js";

const PAD = 0.12;
const LEAST = 0.3; // of the photograph: a small thing stays in its surroundings

/** The part to show, {x, y, width, height}: around all masks and points, as wide to high as asked. */
export function regionOf(photo, masks, points, aspect) {
  const boxes = masks.map((mask) => shapeOf(mask).bounds).filter(Boolean);
  boxes.push(...points.map(({ x, y }) => [x, y, x, y]));
  if (!boxes.length) boxes.push([0, 0, photo.width, photo.height]);
  const [x0, y0] = [0, 1].map((i) => Math.min(...boxes.map((box) => box[i])));
  const [x1, y1] = [2, 3].map((i) => Math.max(...boxes.map((box) => box[i])));
  const side = (size, whole) => Math.min(Math.max(size * (1 + 2 * PAD), whole * LEAST), whole);
  let [width, height] = [side(x1 - x0, photo.width), side(y1 - y0, photo.height)];
  width = Math.min(Math.max(width, height * aspect), photo.width);
  height = Math.min(Math.max(height, width / aspect), photo.height);
  const start = (middle, size, whole) => Math.min(Math.max(middle - size / 2, 0), whole - size);
  return {
    x: start((x0 + x1) / 2, width, photo.width), y: start((y0 + y1) / 2, height, photo.height),
    width, height,
  };
}

/** Draw the part of the photograph with a mask on a canvas of width x height screen pixels. */
export function drawThumb(canvas, { photo, mask, colour, region, width, height, points }) {
  const ratio = Math.min(window.devicePixelRatio || 1, 2);
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext("2d");
  const scale = Math.min(width / region.width, height / region.height);
  const view = new Placed(
    scale, (width - region.width * scale) / 2 - region.x * scale,
    (height - region.height * scale) / 2 - region.y * scale, ratio,
  );
  view.toPhoto(context);
  context.beginPath();
  context.rect(region.x, region.y, region.width, region.height);
  context.clip();
  context.imageSmoothingQuality = "medium";
  context.drawImage(photo.copy(scale * ratio * photo.width), 0, 0, photo.width, photo.height);
  if (mask) paintMask(context, view, mask, colour, { tint: 0.45, width: 1.5 });
  view.toPhoto(context);
  for (const { x, y, label } of points) dot(context, view, x, y, label);
}

function dot(context, view, x, y, label) {
  context.beginPath();
  context.arc(x, y, view.px(3), 0, 2 * Math.PI);
  context.fillStyle = label ? "#009e73" : "#d55e00";
  context.fill();
  context.strokeStyle = "#fff";
  context.lineWidth = view.px(1.25);
  context.stroke();
}

/** What drawing needs of a view. */
class Placed {
  constructor(scale, x, y, ratio) {
    Object.assign(this, { scale, x, y, ratio });
  }

  px(length) {
    return length / this.scale;
  }

  toPhoto(context) {
    const scale = this.scale * this.ratio;
    context.setTransform(scale, 0, 0, scale, this.x * this.ratio, this.y * this.ratio);
  }
}
