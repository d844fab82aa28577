/**
 * Keys of the terminal, by name. They are read only while a line is typed, so that a running command owns the terminal; what
 * came behind the end of a line (pasted, typed ahead) waits for the next, instead of vanishing with this one.
 */
import { emitKeypressEvents, type Key as NodeKey } from "node:readline";
import { PassThrough } from "node:stream";

/** What can be read now has been: this turn of the event loop may be past its look at descriptors, the next is not. */
const nextLook = () => new Promise<void>((looked) => setImmediate(() => setImmediate(looked)));

/** "a", "return", "ctrl-r", "alt-left", "paste". */
export interface Key {
  name: string;
  /** What it types, "" for none. */
  text: string;
}

export interface Listener {
  /** @returns whether it wants no more: those that came with this one wait for the next listener */
  key(key: Key): boolean;
  end(): void;
}

export class Keys {
  readonly #stdin: NodeJS.ReadStream;
  readonly #interrupt: () => void;
  readonly #decoded = new PassThrough();
  readonly #waiting: Key[] = [];
  #listener: Listener | undefined;
  /** Of a bracketed paste that is not over. */
  #pasted: string | undefined;
  #isOver = false;

  /** @param interrupt called for a Ctrl-C that came while nobody reads: what runs is meant, as the terminal itself has it */
  constructor(stdin: NodeJS.ReadStream, interrupt: () => void = () => void process.kill(process.pid, "SIGINT")) {
    this.#stdin = stdin;
    this.#interrupt = interrupt;
    stdin.on("error", () => {}); // its terminal is gone, which also keeps a mode from being given back
    emitKeypressEvents(this.#decoded);
    this.#decoded.on("keypress", (text: string | undefined, key: NodeKey) => this.#pressed(text ?? "", key));
  }

  /** Gives keys to a listener until the returned function is called, which gives the terminal back, and resolves when it has. */
  open(listener: Listener): () => Promise<void> {
    const stdin = this.#stdin;
    const take = (chunk: Buffer) => void this.#decoded.write(chunk);
    const over = () => {
      this.#isOver = true;
      this.#listener?.end();
    };
    this.#listener = listener;
    stdin.on("data", take).on("end", over).on("error", over);
    stdin.setRawMode?.(true);
    stdin.resume();
    queueMicrotask(() => this.#hand());
    return async () => {
      this.#listener = undefined;
      try {
        stdin.setRawMode?.(false);
      } catch {
        // The terminal is gone.
      }
      // From now on Ctrl-C is a signal; one that the terminal still held as a byte would be lost on what runs.
      await nextLook();
      stdin.off("data", take).off("end", over).off("error", over);
      stdin.pause();
    };
  }

  #pressed(text: string, { name = "", ctrl, meta, sequence = text }: NodeKey): void {
    if (name === "paste-start") this.#pasted = "";
    else if (name === "paste-end") this.#paste();
    else if (this.#pasted !== undefined) this.#pasted += sequence;
    else if (ctrl && name === "c" && !this.#listener) {
      this.#waiting.length = 0; // as a terminal drops what was typed before
      this.#interrupt();
    } else {
      const isText = !ctrl && !meta && text >= " " && text !== "\x7f";
      this.#waiting.push({ name: `${ctrl ? "ctrl-" : ""}${meta ? "alt-" : ""}${name || text}`, text: isText ? text : "" });
      this.#hand();
    }
  }

  #paste(): void {
    const text = (this.#pasted ?? "").replace(/\r\n?/g, "\n");
    this.#pasted = undefined;
    this.#waiting.push({ name: "paste", text });
    this.#hand();
  }

  #hand(): void {
    while (this.#listener && this.#waiting.length > 0) if (this.#listener.key(this.#waiting.shift()!)) this.#listener = undefined;
    if (this.#isOver) this.#listener?.end();
  }
}
