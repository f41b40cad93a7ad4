/** From the mark to the drawn answer, as measures of the browser called "biprompt:answer". */
export class Timing {
  #began = null;

  begin() {
    this.#began ??= performance.now();
  }

  /** The answer is in the page; the measure ends when it is drawn as well. */
  endAfter(view) {
    view.onPainted = () => {
      view.onPainted = () => {};
      if (this.#began === null) return;
      performance.measure("biprompt:answer", { start: this.#began, end: performance.now() });
      this.#began = null;
    };
    view.request();
  }
}
