/**
 * COCO run lengths: column by column, first the zeros, packed into a printable string.
 *
 * A mask travels and is kept as {size: [height, width], counts: string}. Its runs are the plain
 * numbers. A bitmap is {width, height, data}, data a Uint8Array of 0 and 1, column by column.
 */

const BASE = 48;
const MORE = 0x20;
const SIGN = 0x10;
const LOW = 0x1f;
export const MAX_PIXELS = 2 ** 28;

/** The run lengths of a packed string. */
export function unpack(text) {
  const runs = [];
  let at = 0;
  while (at < text.length) {
    let value = 0;
    let place = 1;
    let code;
    do {
      code = text.charCodeAt(at++) - BASE;
      if (!(code >= 0 && code < 2 * MORE)) throw new Error("run lengths: damaged string");
      value += (code & LOW) * place;
      place *= 32;
    } while (code & MORE);
    if (code & SIGN) value -= place;
    if (runs.length > 2) value += runs[runs.length - 2];
    runs.push(value);
  }
  return runs;
}

/** The packed string of run lengths. */
export function pack(runs) {
  let text = "";
  runs.forEach((run, i) => {
    let value = i > 2 ? run - runs[i - 2] : run;
    let more = true;
    while (more) {
      const low = value & LOW;
      value = Math.floor(value / 32);
      more = low & SIGN ? value !== -1 : value !== 0;
      text += String.fromCharCode((more ? low | MORE : low) + BASE);
    }
  });
  return text;
}

/** The runs of a mask, checked: none negative, and all pixels accounted for. */
export function runsOf(rle) {
  const [height, width] = rle?.size ?? [];
  const whole = Number.isInteger(height) && Number.isInteger(width) && height > 0 && width > 0;
  if (!whole || height * width > MAX_PIXELS) throw new Error("mask: a size is missing or too large");
  if (typeof rle.counts !== "string") throw new Error("mask: run lengths are missing");
  const runs = unpack(rle.counts);
  let total = 0;
  for (const run of runs) {
    if (!(run >= 0)) throw new Error("mask: a negative run");
    total += run;
  }
  if (total !== height * width) throw new Error(`mask: ${total} pixels, not ${height} x ${width}`);
  return runs;
}

/** How many pixels a mask has. */
export function area(rle) {
  return runsOf(rle).reduce((sum, run, i) => (i % 2 ? sum + run : sum), 0);
}

/** Whether the pixel in column x and row y belongs to the mask. */
export function covers(rle, x, y) {
  const [height, width] = rle.size;
  const [column, row] = [Math.floor(x), Math.floor(y)];
  if (column < 0 || row < 0 || column >= width || row >= height) return false;
  const position = column * height + row;
  let end = 0;
  return runsOf(rle).findIndex((run) => (end += run) > position) % 2 === 1;
}

/** The bitmap of a mask. */
export function decode(rle) {
  const runs = runsOf(rle);
  const [height, width] = rle.size;
  const data = new Uint8Array(height * width);
  let at = 0;
  runs.forEach((run, i) => {
    if (i % 2) data.fill(1, at, at + run);
    at += run;
  });
  return { width, height, data };
}

/** The mask of a bitmap. */
export function encode({ width, height, data }) {
  const runs = [];
  let value = 0;
  let start = 0;
  for (let at = 0; at < data.length; at++) {
    if (data[at] !== value) {
      runs.push(at - start);
      start = at;
      value = data[at];
    }
  }
  runs.push(data.length - start);
  return { size: [height, width], counts: pack(runs) };
}
