/**
 * What stands before `| first N` may never end (`logs -f`, `events`, `! yes`): its lines or rows go through the filters before `first`
 * while they come, and once there are enough of them their source is closed, as `| head` closes it. Behind a sort or a count there is
 * no enough.
 */
import { StringDecoder } from "node:string_decoder";
import { type Frame, Kept, mostKept, tooLarge } from "../frame/index.ts";
import type { Filter, Stage } from "../language/index.ts";
import { apply, isOfText } from "./rows.ts";

/** They look at one row after the other. */
const rowwise: ReadonlySet<Filter["name"]> = new Set(["json", "lines", "table", "where", "words"]);

/** Takes what a line gives while it runs. */
export class Sieve extends Kept {
  readonly #before: readonly Filter[];
  readonly #wanted: number;
  readonly #frame: Frame;
  readonly #over = new AbortController();
  override readonly signal = this.#over.signal;
  readonly #decoder = new StringDecoder();
  /** The beginning of a line that has not ended, in pieces, and how long it is. */
  #rest: string[] = [];
  #length = 0;
  /** What passed: of what was printed, and of a command's rows. */
  readonly #lines: unknown[] = [];
  readonly #rows: unknown[] = [];
  #failure: unknown;
  /** Filters wait for each other: rows stay in their order. */
  #turn: Promise<void> = Promise.resolve();

  /** @returns undefined where the whole of the rows is wanted, or `first` cannot be read: then its filter tells */
  static async before(stages: readonly Stage[], frame: Frame): Promise<Sieve | undefined> {
    const filters = stages.map((stage) => (stage.kind === "filter" ? stage.filter : undefined));
    const at = filters.findIndex((filter) => !filter || !rowwise.has(filter.name));
    const first = filters[at];
    if (first?.name !== "first") return undefined;
    const count = first.count ? await frame.variables.expandWord(first.count, frame.text, frame.place.engine) : "1";
    return /^\d+$/.test(count) ? new Sieve(filters.slice(0, at) as Filter[], Number(count), frame) : undefined;
  }

  private constructor(before: readonly Filter[], wanted: number, frame: Frame) {
    super();
    this.#before = before;
    this.#wanted = wanted;
    this.#frame = frame;
  }

  /** Those that passed, once there are enough of them. @throws what a filter did */
  enough(): unknown[] | undefined {
    if (this.#failure) throw this.#failure;
    return [this.#rows, this.#lines].find((passed) => this.signal.aborted && passed.length >= this.#wanted);
  }

  /** The stages that are still to come. */
  behind(stages: readonly Stage[]): readonly Stage[] {
    return stages.slice(this.#before.length);
  }

  override keep(data: Uint8Array | string): Promise<void> | undefined {
    if (this.signal.aborted) return undefined;
    super.keep(data);
    const lines = (typeof data === "string" ? data : this.#decoder.write(data as Buffer)).split("\n");
    if (lines.length > 1) {
      lines[0] = this.#rest.join("") + lines[0]!;
      this.#rest = [];
      this.#length = 0;
    }
    const last = lines.pop()!;
    this.#rest.push(last);
    this.#length += last.length;
    if (this.#length > mostKept) this.#end(tooLarge()); // nothing comes of a line without an end
    return lines.length === 0 ? undefined : this.#look(this.#lines, lines);
  }

  override row(value: unknown, text: string): Promise<void> | undefined {
    if (isOfText(this.#before[0])) return this.keep(text);
    return this.signal.aborted ? undefined : this.#look(this.#rows, [value]);
  }

  #look(passed: unknown[], given: readonly unknown[]): Promise<void> {
    return (this.#turn = this.#turn.then(() => this.#sift(passed, given)));
  }

  async #sift(passed: unknown[], given: readonly unknown[]): Promise<void> {
    if (this.signal.aborted) return;
    const { variables, text, place } = this.#frame;
    let rows: unknown = given.map((each) => (typeof each === "string" ? each.replace(/\r$/, "") : each));
    try {
      for (const filter of this.#before)
        rows = await apply(filter, rows as unknown[], (word) => variables.expandWord(word, text, place.engine));
    } catch (error) {
      return this.#end(error);
    }
    passed.push(...(rows as unknown[]).slice(0, this.#wanted - passed.length));
    if (passed.length >= this.#wanted) this.#end();
  }

  #end(failure?: unknown): void {
    this.#failure = failure;
    this.#over.abort();
    this.destroy();
  }
}
