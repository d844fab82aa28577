/** Asking for a line on a terminal, hidden if it is a secret. */
import { EngineError } from "../../../engine/errors.ts";
import type { Terminal } from "../../../engine/index.ts";

/**
 * Enter ends the line, Backspace takes a character back, Ctrl-U all.
 * @throws EngineError `cancelled` at Ctrl-C, Ctrl-D, the end of input and when `signal` aborts
 */
export async function askLine(
  terminal: Terminal,
  question: string,
  { signal, hidden = false }: { signal?: AbortSignal; hidden?: boolean } = {},
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let line = "";
  const show = (text: string) => void (hidden || terminal.output.write(text));
  const cancel = () => reject(new EngineError("cancelled", "cancelled"));
  const type = (character: string) => {
    if (character === "\r" || character === "\n") resolve(line);
    else if (character === "\x03" || character === "\x04") cancel();
    else if (character === "\x7f" || character === "\b") {
      if (line !== "") show("\b \b");
      line = [...line].slice(0, -1).join("");
    } else if (character === "\x15") {
      show("\b \b".repeat([...line].length));
      line = "";
    } else if (character >= " ") {
      line += character;
      show(character);
    }
  };
  const read = (data: Buffer | string) => [...data.toString()].forEach(type);
  // Raw before the question is seen: what is typed at once must not be echoed.
  terminal.setRaw(true);
  terminal.output.write(question);
  // The question before this one paused it, and a listener alone does not make it flow again.
  terminal.input.on("data", read).on("end", cancel).resume();
  signal?.addEventListener("abort", cancel, { once: true });
  try {
    return await promise;
  } finally {
    terminal.input.off("data", read).off("end", cancel).pause();
    signal?.removeEventListener("abort", cancel);
    terminal.setRaw(false);
    terminal.output.write("\n");
  }
}
