/**
 * Outlines of a mask, along the edges of its pixels, in pixels of the image.
 *
 * Pixels that touch at a corner only are two parts, as the server's outlines have it. Outer outlines
 * run clockwise on the screen, holes the other way, so that a non-zero fill leaves holes open.
 */

import { runsOf } from "./rle.js";

const STEP_X = [1, 0, -1, 0]; // east, south, west, north
const STEP_Y = [0, 1, 0, -1];
const SEEN = 2;
// The pixels ahead of a corner, on the left and on the right hand, by heading.
const LEFT_X = [0, 0, -1, -1];
const LEFT_Y = [-1, 0, 0, -1];
const RIGHT_X = [0, -1, -1, 0];
const RIGHT_Y = [0, 0, -1, -1];

/**
 * Every outline as {xs, ys, turns, hole, touches}: the corners it passes, one for each unit step,
 * the direction of each step, and how often it comes back to a corner where it was before.
 */
export function trace(rle) {
  const strip = stripOf(rle);
  const loops = [];
  for (const [x, y] of tops(rle)) {
    const seen = strip.data[(x - strip.left) * strip.height + y] & SEEN;
    if (!seen) loops.push(follow(strip, x - strip.left, y));
  }
  return loops;
}

/** The columns from the first to the last that the mask has: most things are narrower than images. */
function stripOf(rle) {
  const runs = runsOf(rle);
  const [height, width] = rle.size;
  const last = runs.length % 2 ? runs.at(-1) : 0;
  const left = Math.floor(runs[0] / height);
  const columns = Math.max(Math.ceil((height * width - last) / height) - left, 0);
  const data = new Uint8Array(height * columns);
  let at = -left * height;
  runs.forEach((run, i) => {
    if (i % 2) data.fill(1, at, at + run);
    at += run;
  });
  return { left, width: columns, height, data };
}

/** Pixels with nothing above them: every outline passes over at least one. */
function* tops(rle) {
  const height = rle.size[0];
  let at = 0;
  let i = 0;
  for (const run of runsOf(rle)) {
    if (i++ % 2 && run) {
      yield [Math.floor(at / height), at % height];
      const next = (Math.floor(at / height) + 1) * height;
      for (let top = next; top < at + run; top += height) yield [top / height, 0];
    }
    at += run;
  }
}

function follow({ left: offset, width, height, data }, startX, startY) {
  const inside = (x, y) => x >= 0 && y >= 0 && x < width && y < height && data[x * height + y] !== 0;
  const loop = { xs: [], ys: [], turns: [], hole: false, touches: 0 };
  const crossings = new Set();
  let [x, y, heading] = [startX, startY, 0];
  let twiceArea = 0;
  do {
    if (heading === 0) data[x * height + y] |= SEEN;
    loop.xs.push(x + offset);
    loop.ys.push(y);
    loop.turns.push(heading);
    twiceArea += x * STEP_Y[heading] - y * STEP_X[heading];
    x += STEP_X[heading];
    y += STEP_Y[heading];
    // The mask lies on the right hand. Right first: what touches at a corner only is two parts.
    const left = inside(x + LEFT_X[heading], y + LEFT_Y[heading]);
    if (inside(x + RIGHT_X[heading], y + RIGHT_Y[heading])) {
      if (left) heading = (heading + 3) % 4;
    } else {
      heading = (heading + 1) % 4;
      if (left && crossings.size === crossings.add(y * (width + 1) + x).size) loop.touches += 1;
    }
  } while (x !== startX || y !== startY || heading !== 0);
  loop.hole = twiceArea < 0;
  return loop;
}

/** How many parts and holes a mask has; where an outline touches itself, it closes off a hole. */
export function count(loops) {
  const parts = loops.filter((loop) => !loop.hole).length;
  const touches = loops.reduce((sum, loop) => sum + loop.touches, 0);
  return { parts, holes: loops.length - parts + touches };
}

/** The outlines through the middles of the steps: stairs become slopes, half a pixel off at most. */
export function smoothPath(loops) {
  const path = new Path2D();
  for (const { xs, ys, turns } of loops) {
    const last = turns.length - 1;
    let drawn = false;
    for (let i = 0; i <= last; i++) {
      const straight = turns[i] === turns[i ? i - 1 : last] && turns[i] === turns[i < last ? i + 1 : 0];
      if (straight) continue;
      const x = xs[i] + STEP_X[turns[i]] / 2;
      const y = ys[i] + STEP_Y[turns[i]] / 2;
      if (drawn) path.lineTo(x, y);
      else path.moveTo(x, y);
      drawn = true;
    }
    path.closePath();
  }
  return path;
}

/** The outlines corner by corner. */
export function exactPath(loops) {
  const path = new Path2D();
  for (const { xs, ys, turns } of loops) {
    const last = turns.length - 1;
    path.moveTo(xs[0], ys[0]);
    for (let i = 1; i <= last; i++) if (turns[i] !== turns[i - 1]) path.lineTo(xs[i], ys[i]);
    path.closePath();
  }
  return path;
}

/** Left, top, right, bottom of the outlines; null without any. */
export function bounds(loops) {
  let box = null;
  for (const { xs, ys } of loops) {
    box ??= [xs[0], ys[0], xs[0], ys[0]];
    for (let i = 0; i < xs.length; i++) {
      if (xs[i] < box[0]) box[0] = xs[i];
      if (xs[i] > box[2]) box[2] = xs[i];
      if (ys[i] < box[1]) box[1] = ys[i];
      if (ys[i] > box[3]) box[3] = ys[i];
    }
  }
  return box;
}
