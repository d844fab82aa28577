/** What `berth replay` says of a script while it runs and at its end, for people or as JSON. */

import { EngineError } from "../../../engine/errors.ts";
import { replaceFile } from "../../../engine/replace-file.ts";
import { hasColour, painter, put, write } from "../../print.ts";
import type { Session } from "../session.ts";
import { Replay, shownDifference } from "./replay.ts";

export class Comparison {
  readonly #replay: Replay;
  readonly #source: string;
  readonly #file: string;
  readonly #json: boolean;

  /** Compares what a session runs from now on. */
  constructor(session: Session, source: string, file: string, json: boolean) {
    const paint = painter(hasColour("stdout"));
    const tell = (text: string) => put("stdout", text);
    this.#source = source;
    this.#file = file;
    this.#json = json;
    this.#replay = new Replay(session.io.env, (difference) => (json ? undefined : tell(shownDifference(difference, file, paint))));
    session.observers.push(this.#replay);
    session.place.output = this.#replay;
  }

  /** The exit status of what was found: 3 is an expectation that failed. */
  get status(): number {
    return this.#replay.differences.length > 0 ? 3 : 0;
  }

  /** @param failed the script did not come to its end: what it would have printed is unknown */
  close(failed = false): void {
    const { compared, differences } = this.#replay;
    const ok = !failed && this.status === 0;
    const data = { v: 1, type: "replay", file: this.#file, ok, compared, differences };
    const found = differences.length > 0 ? `${differences.length} different` : ok && "all as recorded";
    const counts = [`${compared} compared`, found, failed && "the script failed before its end"].filter(Boolean);
    if (this.#json) write("stdout", `${JSON.stringify(data)}\n`);
    else write("stderr", `${this.#file}: ${counts.join(", ")}\n`);
  }

  /** Takes what was printed for what should be. @throws EngineError `invalid` */
  update(path: string): void {
    try {
      replaceFile(path, this.#replay.updated(this.#source), { behindLinks: true });
    } catch (cause) {
      throw new EngineError("invalid", `cannot write to "${path}": ${(cause as Error).message}`, { cause, hint: "check the path" });
    }
  }
}
