/** A list that a registry gives in parts: as much of it as somebody has looked at. Who leaves calls off what is on its way. */
import { type EngineError, toEngineError } from "../../engine/errors.ts";

/** Reads parts that begin behind a name. */
export type ReadParts = (last: string | undefined, signal: AbortSignal) => AsyncGenerator<string[]>;

export class Listing {
  readonly names: string[] = [];
  /** All that there is has been read. */
  isAll = false;
  error: EngineError | undefined;
  readonly #read: ReadParts;
  readonly #onChange: () => void;
  #abort = new AbortController();
  #parts: AsyncGenerator<string[]> | undefined;
  #reading: Promise<void> | undefined;

  constructor(read: ReadParts, onChange: () => void) {
    this.#read = read;
    this.#onChange = onChange;
  }

  get isReading(): boolean {
    return this.#reading !== undefined;
  }

  /** Fulfilled when there is something to show: a part, that there is none, why not; or when it is left. */
  async settled(): Promise<void> {
    if (this.names.length > 0 || this.isAll || this.error) return;
    const { signal } = this.#abort;
    const left = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    await Promise.race([this.more(), left]);
  }

  /** Reads the next part, if there is one, and none is being read. */
  more(): Promise<void> {
    if (!this.isAll && !this.error) this.#reading ??= this.#next(this.#abort.signal);
    return this.#reading ?? Promise.resolve();
  }

  async #next(signal: AbortSignal): Promise<void> {
    try {
      this.#parts ??= this.#read(this.names.at(-1), signal);
      const { done, value } = await this.#parts.next();
      if (signal.aborted) return;
      if (done) this.isAll = true;
      else this.names.push(...value);
    } catch (error) {
      if (signal.aborted) return;
      this.error = toEngineError(error);
    }
    this.#reading = undefined;
    this.#onChange();
  }

  /** Nobody looks at it any more. Who comes back reads on where it was. */
  leave(): void {
    if (!this.#reading) return;
    this.#abort.abort();
    this.#abort = new AbortController();
    this.#parts = this.#reading = undefined;
  }
}
