/** The photograph on the screen: where it lies, how large it is, and when it is drawn anew. */

const LEAST = 0.02;
const MOST = 40;
const MARGIN = 20;
const CRISP_FROM = 6; // from here on, single pixels are to be seen

export class View {
  #photo = null;
  #dirty = { photo: false, marks: false };
  #frame = 0;
  #fitted = true;

  /** `paint(context, view)` draws what lies over the photograph. */
  constructor(stage, photoCanvas, marksCanvas, paint) {
    Object.assign(this, { stage, photoCanvas, marksCanvas, paint });
    Object.assign(this, { scale: 1, x: 0, y: 0, width: 0, height: 0, ratio: 1 });
    this.onPainted = () => {};
    new ResizeObserver(() => this.#resize()).observe(stage);
  }

  show(photo) {
    this.#photo = photo;
    this.fit();
  }

  get shown() {
    return this.#photo !== null;
  }

  #resize() {
    const { clientWidth: width, clientHeight: height } = this.stage;
    if (!width || !height) return;
    const [dx, dy] = [(width - this.width) / 2, (height - this.height) / 2];
    Object.assign(this, { width, height, ratio: Math.min(window.devicePixelRatio || 1, 2) });
    for (const canvas of [this.photoCanvas, this.marksCanvas]) {
      canvas.width = Math.round(width * this.ratio);
      canvas.height = Math.round(height * this.ratio);
    }
    if (this.#fitted) this.fit();
    else this.panBy(dx, dy);
    this.#draw(); // at once: an emptied canvas would flicker
  }

  /** All of the photograph, in the middle. */
  fit() {
    if (!this.#photo) return;
    const { width, height } = this.#photo;
    const room = (side) => Math.max(side - 2 * Math.min(MARGIN, side * 0.03), 1);
    this.scale = Math.min(room(this.width) / width, room(this.height) / height, MOST);
    this.x = (this.width - width * this.scale) / 2;
    this.y = (this.height - height * this.scale) / 2;
    this.#moved(true);
  }

  /** Larger or smaller around a place of the stage, else its middle. */
  zoomBy(factor, at = { x: this.width / 2, y: this.height / 2 }) {
    const scale = Math.min(Math.max(this.scale * factor, LEAST), MOST);
    this.x = at.x - ((at.x - this.x) * scale) / this.scale;
    this.y = at.y - ((at.y - this.y) * scale) / this.scale;
    this.scale = scale;
    this.#moved();
  }

  panBy(dx, dy) {
    this.x += dx;
    this.y += dy;
    this.#moved();
  }

  /** Bring a place of the photograph on the stage where it is not. */
  reveal({ x, y }) {
    const inset = (value, most) => Math.min(Math.max(value, 24), Math.max(most - 24, 24));
    const [sx, sy] = [this.x + x * this.scale, this.y + y * this.scale];
    const [dx, dy] = [inset(sx, this.width) - sx, inset(sy, this.height) - sy];
    if (dx || dy) this.panBy(dx, dy);
  }

  /** A place of the stage in pixels of the photograph; outside of it too. */
  toImage({ x, y }) {
    return { x: (x - this.x) / this.scale, y: (y - this.y) / this.scale };
  }

  /** The nearest place that lies in the photograph. */
  inside({ x, y }) {
    const { width, height } = this.#photo;
    const most = (side) => side - 1e-3;
    return { x: Math.min(Math.max(x, 0), most(width)), y: Math.min(Math.max(y, 0), most(height)) };
  }

  holds({ x, y }) {
    return this.shown && x >= 0 && y >= 0 && x < this.#photo.width && y < this.#photo.height;
  }

  #moved(fitted = false) {
    this.#fitted = fitted;
    this.#dirty.photo = true;
    this.onMoved?.();
    this.request();
  }

  /** Draw the marks in the next frame; the photograph only where it has moved. */
  request() {
    this.#dirty.marks = true;
    this.#frame ||= requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    if (this.#dirty.photo) this.#drawPhoto();
    if (this.#dirty.marks) {
      const context = this.marksCanvas.getContext("2d");
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, this.marksCanvas.width, this.marksCanvas.height);
      if (this.#photo) this.paint(context, this);
    }
    this.#dirty = { photo: false, marks: false };
    this.onPainted();
  }

  #drawPhoto() {
    const context = this.photoCanvas.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.photoCanvas.width, this.photoCanvas.height);
    if (!this.#photo) return;
    const { width, height } = this.#photo;
    this.toPhoto(context);
    context.imageSmoothingEnabled = this.scale < CRISP_FROM;
    context.imageSmoothingQuality = "medium";
    context.drawImage(this.#photo.copy(this.scale * this.ratio * width), 0, 0, width, height);
  }

  /** Let a context draw in pixels of the photograph. */
  toPhoto(context) {
    const scale = this.scale * this.ratio;
    context.setTransform(scale, 0, 0, scale, this.x * this.ratio, this.y * this.ratio);
  }

  /** A length on the screen, in pixels of the photograph. */
  px(length) {
    return length / this.scale;
  }
}
