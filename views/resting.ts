/** A UI that nobody uses gives memory back: it may stay open for days. */

/** Milliseconds without a key after which it does, and after which it does again. */
const quiet = 5000;
const again = 300_000;

export class Resting {
  readonly #rest: () => void;
  #timer: NodeJS.Timeout | undefined;

  /** @param rest gives back what can be done without */
  constructor(rest: () => void) {
    this.#rest = rest;
  }

  /** Somebody uses it. */
  stir(): void {
    this.#wait(quiet);
  }

  #wait(time: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#rest();
      this.#wait(again);
    }, time);
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }
}
