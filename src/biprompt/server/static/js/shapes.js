/** Masks ready to draw. Traced once for each mask object, and forgotten with it. */

import { bounds, count, exactPath, smoothPath, trace } from "./contours.js";

const shapes = new WeakMap();

/** The shape of a mask: outline paths in pixels of the image, bounds, parts and holes. */
export function shapeOf(rle) {
  let shape = shapes.get(rle);
  if (!shape) {
    shape = new Shape(rle);
    shapes.set(rle, shape);
  }
  return shape;
}

class Shape {
  #loops;
  #exact = null;

  constructor(rle) {
    this.#loops = trace(rle);
    this.smooth = smoothPath(this.#loops);
    this.bounds = bounds(this.#loops);
    this.empty = this.#loops.length === 0;
    Object.assign(this, count(this.#loops));
  }

  /** The pixel-exact outline, for large magnifications. */
  get exact() {
    this.#exact ??= exactPath(this.#loops);
    return this.#exact;
  }
}
