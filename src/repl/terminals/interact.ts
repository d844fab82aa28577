/** `interact @NAME`: the person at the real terminal takes over a spawned one; Ctrl-] gives it back to the script. */
import { EngineError } from "../../../engine/errors.ts";
import type { Frame } from "../frame/index.ts";
import type { Of } from "../language/index.ts";
import type { Session } from "../session.ts";

/** Ctrl-], telnet's. */
const giveBack = 0x1d;

/** Ends when the key is pressed, the command ends, or the person's terminal does. @throws EngineError `invalid` without a terminal */
export async function runInteract({ terminals }: Session, { session: name }: Of<"interact">, { place, signal }: Frame): Promise<void> {
  const { terminal } = terminals.get(name);
  const real = place.io.streams.terminal;
  if (!real || (place.output && !place.output.shown))
    throw new EngineError("invalid", "there is no terminal to interact at", { hint: "run the script on a terminal" });
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const type = (chunk: Buffer) => {
    const end = chunk.indexOf(giveBack);
    terminal.typeBytes(end < 0 ? chunk : chunk.subarray(0, end));
    if (end >= 0) resolve();
  };
  const undo = [
    terminal.onOutput((chunk) => real.output.write(chunk)),
    terminal.onChange(() => terminal.ended && resolve()),
    real.onResize(() => terminal.resize(real.columns, real.rows)),
  ];
  signal.addEventListener("abort", () => resolve(), { once: true });
  real.output.write(Buffer.from(terminal.pending));
  terminal.resize(real.columns, real.rows);
  real.setRaw(true);
  real.input.on("data", type).on("end", resolve).resume();
  try {
    if (!terminal.ended) await over;
  } finally {
    real.input.off("data", type).off("end", resolve).pause();
    real.setRaw(false);
    for (const stop of undo) stop();
  }
  signal.throwIfAborted();
}
