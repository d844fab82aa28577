/** `record FILE` in the palette: the lines of the command log, and what is typed in panes, as a script until `record off`. */
import { resolve as resolvePath } from "node:path";
import { EngineError } from "../engine/errors.ts";
import type { Streams, Terminal } from "../engine/index.ts";
import type { Executed } from "../src/commands/execute.ts";
import { joinWords } from "../src/repl/language/command-line.ts";
import type { Heard } from "../src/repl/record/dialogue.ts";
import type { Recording } from "../src/repl/record/recording.ts";

/** Characters of output kept of one line. */
const limit = 1 << 20;

export class LineRecord {
  readonly #env: Record<string, string | undefined>;
  readonly #cwd: string;
  #recording: Recording | undefined;

  constructor(env: Record<string, string | undefined>, cwd: string) {
    this.#env = env;
    this.#cwd = cwd;
  }

  /** What `record FILE` and `record off` say. @throws EngineError `invalid`, `usage` */
  async turn(words: readonly string[]): Promise<string> {
    const [path] = words;
    if (words.length !== 1 || !path) throw new EngineError("usage", 'record needs a file, or "off"', { hint: "record journey.berth" });
    const wasOn = this.#recording !== undefined;
    this.#recording = undefined;
    if (path === "off") return wasOn ? "no more is recorded" : "nothing was recorded";
    const [{ Recording }, { secretsOfEnv }] = await Promise.all([
      import("../src/repl/record/recording.ts"),
      import("../src/repl/record/volatile.ts"),
    ]);
    this.#recording = new Recording(resolvePath(this.#cwd, path), secretsOfEnv(this.#env));
    return `what goes well is recorded to ${path} until "record off"`;
  }

  /** Lines of the language went well. @throws EngineError `invalid` when the file cannot be written */
  add(source: string): void {
    this.#recording?.add({ source, isCommand: false, result: undefined, printed: undefined, dialogue: undefined });
  }

  /** Listens to a line that begins. */
  begin(words: readonly string[]): LineEar | undefined {
    return this.#recording && new LineEar(this.#recording, words);
  }
}

/** What is heard of one line. */
export class LineEar {
  readonly #recording: Recording;
  readonly #words: readonly string[];
  #printed: string[] = [];
  #length = 0;
  #heard: Heard[] | undefined;

  constructor(recording: Recording, words: readonly string[]) {
    this.#recording = recording;
    this.#words = words;
  }

  /** Of its standard output. */
  printed(data: string | Uint8Array): void {
    const text = typeof data === "string" ? data : Buffer.from(data).toString();
    this.#length += text.length;
    if (this.#length <= limit) this.#printed.push(text);
  }

  /** The streams of a pane, which is listened to. */
  async streams(pane: Terminal, streams: Streams): Promise<Streams> {
    const { overheard } = await import("../src/repl/record/overheard.ts");
    this.#heard = [];
    const passOn = (chunk: Uint8Array) => new Promise<void>((done) => void pane.output.write(chunk, () => done()));
    const terminal = overheard(pane, this.#heard, passOn);
    return { ...streams, terminal, stdin: terminal.input };
  }

  /** It went well. @throws EngineError `invalid` when the file cannot be written */
  done({ result, status, input }: Executed): void {
    const { detached } = (result ?? {}) as { detached?: boolean };
    const program = input.args.findLast((word) => /^[\w./]+$/.test(word)) ?? "";
    this.#recording.add({
      source: sourceOf(this.#words),
      isCommand: true,
      result,
      printed: this.#length > limit ? undefined : this.#printed.join(""),
      dialogue: this.#heard && { program: program.split("/").at(-1)!, heard: this.#heard, status: detached ? undefined : status },
    });
  }
}

/** A line for another host is one of `on HOST`. */
function sourceOf(words: readonly string[]): string {
  const [flag = "", host = "", ...own] = words;
  return /^(-H|--host|-c|--context)$/.test(flag) ? `on ${joinWords([host])} ${joinWords(own)}` : joinWords(words);
}
