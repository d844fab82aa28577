/** Listens to a session for its recording: to what is typed, printed and done at the person's terminal, all of which goes on as ever. */
import { Writable } from "node:stream";
import type { Streams } from "../../../engine/index.ts";
import { put } from "../../print.ts";
import type { Frame } from "../frame/index.ts";
import { bare, type Parsed } from "../language/index.ts";
import type { Recorder } from "../session.ts";
import { handlesOf } from "./bindings.ts";
import type { Heard } from "./dialogue.ts";
import { overheard } from "./overheard.ts";
import { type Done, Recording } from "./recording.ts";
import { secretsOfEnv } from "./volatile.ts";

/** Characters of output kept of one statement. */
const limit = 1 << 20;

export class FileRecorder implements Recorder {
  readonly #recording: Recording;
  #printed: string[] = [];
  #length = 0;
  #heard: Heard[] | undefined;

  /** @throws EngineError `invalid` when the file cannot be written */
  constructor(path: string, env: Record<string, string | undefined>) {
    this.#recording = new Recording(path, secretsOfEnv(env));
  }

  /** A statement begins: what is heard from now on is its own. */
  begin(): void {
    this.#printed = [];
    this.#length = 0;
    this.#heard = undefined;
  }

  /** It ended with a status other than 0: what a person did at a terminal is worth keeping all the same. */
  async keepDialogue(statement: Parsed, frame: Frame): Promise<void> {
    if (this.#heard) await this.keep(statement, frame);
  }

  /** It went well. */
  async keep(statement: Parsed, frame: Frame): Promise<void> {
    if (statement.kind === "record") return;
    const source = frame.text.source.slice(statement.start, statement.end);
    const isCommand = statement.kind === "command";
    const result = isCommand || statement.kind === "let" ? frame.variables.get("_") : undefined;
    const printed = this.#length > limit ? undefined : this.#printed.join("");
    this.#recording.add({
      source,
      isCommand,
      name: statement.kind === "let" ? statement.name : undefined,
      result,
      printed,
      madeName: await madeName(source, result, frame),
      dialogue: isCommand ? this.#dialogue(statement.words.map(bare), frame) : undefined,
    });
  }

  #dialogue(words: readonly string[], { variables }: Frame): Done["dialogue"] {
    if (!this.#heard) return undefined;
    const program = words.findLast((word) => /^[\w./-]+$/.test(word) && !word.startsWith("-")) ?? "";
    const { detached } = (variables.get("_") || {}) as { detached?: boolean };
    return { program: program.split("/").at(-1)!, heard: this.#heard, status: detached ? undefined : Number(variables.get("?")) };
  }

  put(data: string | Uint8Array, stream: "stdout" | "stderr"): Promise<void> {
    if (stream === "stdout") this.#hear(data);
    return put(stream, data);
  }

  /** Commands draw on the terminal as ever. */
  readonly shown = {
    heard: (data: string | Uint8Array) => this.#hear(data),
    streams: (own: Streams, isInteractive: boolean) => (isInteractive ? this.#terminal(own) : this.#pipes(own)),
  };

  #hear(data: string | Uint8Array): void {
    const text = typeof data === "string" ? data : Buffer.from(data).toString();
    this.#length += text.length;
    if (this.#length <= limit) this.#printed.push(text);
    else this.#printed = [];
  }

  #pipes(own: Streams): Streams {
    const sink = (name: "stdout" | "stderr") =>
      new Writable({ write: (chunk: Uint8Array, _encoding, done) => void this.put(chunk, name).then(() => done(), done) });
    return {
      get stdin() {
        return own.stdin;
      },
      stdout: sink("stdout"),
      stderr: sink("stderr"),
    };
  }

  #terminal(own: Streams): Streams {
    if (!own.terminal) return this.#pipes(own);
    const heard: Heard[] = [];
    this.#heard = heard;
    const terminal = overheard(own.terminal, heard, (chunk) => put("stdout", chunk));
    return { terminal, stdin: terminal.input, stdout: terminal.output, stderr: terminal.output };
  }
}

/** The name that a container got, where nobody chose it. */
async function madeName(source: string, result: unknown, { place }: Frame): Promise<string | undefined> {
  const [handle] = handlesOf(result, "");
  if (!handle || !/\b(run|create)\b/.test(source) || /--name\b/.test(source)) return undefined;
  try {
    return (await place.engine.containers.inspect(handle.text)).Name.replace(/^\//, "");
  } catch {
    return undefined; // no container, or gone again
  }
}
