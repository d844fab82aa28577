/**
 * Signals of the shell face. The first SIGINT, SIGTERM or SIGHUP cancels the running command, which releases what it
 * holds; the next ends the process at once. While a command passes signals on to a container (sig-proxy), they go there
 * instead, as docker does it: a process may ignore them, so the third SIGINT or SIGTERM in a row (the second at a prompt)
 * cancels the command all the same.
 */
import { leave } from "./print.ts";

type Listener = (signal: string) => void;

const numbers: Partial<Record<NodeJS.Signals, number>> = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGTERM: 15 };
export const cancelling: NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];
/** Those by which a user insists. */
const insisting: NodeJS.Signals[] = ["SIGINT", "SIGTERM"];
/** What else a container may want to hear of. */
const passedOn: NodeJS.Signals[] = ["SIGUSR1", "SIGUSR2", "SIGQUIT", "SIGCONT", "SIGALRM"];

export class Signals {
  #controller = new AbortController();
  #listeners = new Set<Listener>();
  #received = 0;
  readonly #patience: number;
  #last: NodeJS.Signals | undefined;
  /** Until a signal that was passed on cancels, when it is to. */
  #pending: NodeJS.Timeout | undefined;
  #grace: number | undefined;
  #installed: NodeJS.Signals[] = [];

  readonly #onCancel: () => void;

  /**
   * @param onCancel called when a signal cancels the command
   * @param patience signals passed on in a row, the last of which cancels the command too
   */
  constructor(onCancel: () => void = () => {}, patience = 3) {
    this.#onCancel = onCancel;
    this.#patience = patience;
    this.#install(cancelling);
  }

  /** Aborted by the first signal that no command listens to. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** 128+n of the signal that cancelled the command. */
  get status(): number | undefined {
    return this.#controller.signal.aborted && this.#last ? 128 + (numbers[this.#last] ?? 2) : undefined;
  }

  /** For the next command of a session: a fresh AbortSignal, and patience again. */
  reset(): AbortSignal {
    this.#received = 0;
    if (this.#controller.signal.aborted) this.#controller = new AbortController();
    return this.#controller.signal;
  }

  readonly onSignal = (listener: Listener): (() => void) => {
    this.#listeners.add(listener);
    this.#install(passedOn);
    return () => {
      this.#listeners.delete(listener);
      if (this.#pending && this.#listeners.size === 0) this.#cancelBy(this.#last ?? "SIGTERM");
    };
  };

  /**
   * For a script: what is passed on ends it as well, when the command has heeded it, or after a time.
   * @param grace milliseconds
   */
  endAfter(grace: number): void {
    this.#grace = grace;
  }

  /** Cancels the running command as a SIGINT would (the REPL's Ctrl-C, which raw mode delivers as a key). */
  interrupt(): void {
    this.#handle("SIGINT");
  }

  /** Cancels it for another reason than a signal. */
  cancel(): void {
    this.#controller.abort();
  }

  #install(names: NodeJS.Signals[]): void {
    for (const name of names) {
      if (this.#installed.includes(name)) continue;
      process.on(name, this.#handle);
      this.#installed.push(name);
    }
  }

  readonly #handle = (signal: NodeJS.Signals): void => {
    if (this.#listeners.size > 0) {
      for (const listener of this.#listeners) listener(signal);
      this.#received = insisting.includes(signal) ? this.#received + 1 : 0;
      if (this.#grace !== undefined && cancelling.includes(signal)) this.#cancelSoon(signal, this.#grace);
      if (this.#received < this.#patience) return;
    }
    if (!cancelling.includes(signal)) return;
    if (this.#controller.signal.aborted) leave(128 + (numbers[signal] ?? 2));
    this.#cancelBy(signal);
  };

  #cancelSoon(signal: NodeJS.Signals, grace: number): void {
    if (this.#controller.signal.aborted) return;
    this.#last = signal;
    this.#pending ??= setTimeout(() => this.#cancelBy(signal), grace);
  }

  #cancelBy(signal: NodeJS.Signals): void {
    clearTimeout(this.#pending);
    this.#pending = undefined;
    this.#last = signal;
    this.#onCancel();
    this.#controller.abort();
  }

  dispose(): void {
    clearTimeout(this.#pending);
    for (const name of this.#installed) process.off(name, this.#handle);
    this.#installed = [];
  }
}
