/** The colours of the user's terminal, asked for when the first program wants to know them (OSC 10 text, 11 background, 12 cursor). */

/** Milliseconds after which a terminal does not answer any more: whoever asked hears nothing, as from that terminal itself. */
const patience = 1000;

export class HostColours {
  #send: (sequence: string) => void;
  #known = new Map<number, string>();
  #waiting: { which: number; answer: (colour: string) => void; until: number }[] = [];

  constructor(send: (sequence: string) => void) {
    this.#send = send;
  }

  ask(which: number, answer: (colour: string) => void): void {
    const colour = this.#known.get(which);
    if (colour !== undefined) answer(colour);
    else {
      this.#waiting.push({ which, answer, until: Date.now() + patience });
      this.#send(`\x1b]${which};?\x1b\\`);
    }
  }

  heard(which: number, colour: string): void {
    this.#known.set(which, colour);
    const [mine, others] = [this.#waiting.filter((each) => each.which === which), this.#waiting.filter((each) => each.which !== which)];
    this.#waiting = others;
    for (const { answer, until } of mine) if (Date.now() <= until) answer(colour);
  }
}
