/**
 * What has come of a client's directory: as much as the steps of a build take from it, as BuildKit asks for it, and nothing twice. A
 * directory without .dockerignore may hold much more than that.
 */
import type { StepReport } from "../report/index.ts";
import { cleanPath } from "./resolve.ts";

/** Asks for paths and what their links lead to, wildcards among them; for all of it by undefined. */
export type AskFor = (report: StepReport | undefined, paths: readonly string[] | undefined) => Promise<void>;

/** Characters of paths in one question: they travel as a header. */
const maxAsked = 16 << 10;

export class Arrival {
  readonly #ask: AskFor;
  readonly #here = new Set<string>();
  readonly #expected = new Set<string>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(ask: AskFor) {
    this.#ask = ask;
  }

  /** What steps are going to take: it comes together with what is asked for first. */
  expect(paths: readonly string[]): void {
    for (const path of paths) this.#expected.add(questionOf(path));
  }

  /** Resolves once these are here, to true if something had to come. */
  bring(paths: readonly string[], report?: StepReport): Promise<boolean> {
    const turn = this.#last.then(() => this.#bringNow(paths, report));
    this.#last = turn;
    return turn;
  }

  async #bringNow(paths: readonly string[], report: StepReport | undefined): Promise<boolean> {
    const questions = paths.map(questionOf);
    const isHere = (question: string) => this.#here.has("") || this.#here.has(question);
    if (questions.every(isHere)) return false;
    const lacking = [...new Set([...questions, ...this.#expected])].filter((question) => !isHere(question));
    const isAll = lacking.includes("") || lacking.join("").length > maxAsked;
    await this.#ask(report, isAll ? undefined : lacking.sort());
    for (const question of isAll ? [""] : lacking) this.#here.add(question);
    this.#expected.clear();
    return true;
  }
}

/** A path without a leading slash; "", which is all, also for one that clients of some age read otherwise, as a pattern or a header. */
function questionOf(path: string): string {
  const clean = cleanPath(path);
  return /^[\w./@%=:,~*? -]*$/.test(clean) && clean === clean.trim() ? clean : "";
}
