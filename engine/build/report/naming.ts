/** How steps are called in progress events: "[builder 2/5] RUN make". Pure. */

/** Numbers the steps of one stage. */
export class StepNames {
  readonly #label: string;
  readonly #total: number;
  #number = 0;

  /** @param total steps of the stage; a FROM of an image is one, triggers are too */
  constructor(label: string, total: number) {
    this.#label = label;
    this.#total = total;
  }

  next(text: string, trigger = false): string {
    this.#number++;
    const number = String(this.#number).padStart(String(this.#total).length);
    return `[${this.#label ? `${this.#label} ` : ""}${number}/${this.#total}] ${trigger ? "ONBUILD " : ""}${text}`;
  }
}
