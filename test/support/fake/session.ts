/** What the fake engine puts behind a terminal: enough for panes to be seen working. */
import { EngineError } from "../../../engine/errors.ts";
import type { SessionEnd, Streams } from "../../../engine/index.ts";

/** A terminal session with a program that repeats what is typed and tells its size; "exit" ends it, ctrl-p ctrl-q detaches. */
export async function echo(name: string, streams: Streams): Promise<SessionEnd> {
  const { terminal } = streams;
  if (!terminal) throw new EngineError("usage", "no terminal");
  terminal.setRaw(true);
  const size = () => terminal.output.write(`size ${terminal.columns}x${terminal.rows}\r\n`);
  terminal.output.write(`hello from ${name}\r\n`);
  size();
  using _resized = disposable(terminal.onResize(size));
  let line = "";
  for await (const chunk of terminal.input) {
    for (const character of String(chunk)) {
      if (line.endsWith("\x10") && character === "\x11") return { detached: true };
      line = character === "\r" ? "" : line + character;
      if (line === "exit") return { detached: false, exitCode: 0 };
      terminal.output.write(character === "\r" ? "\r\n" : character);
    }
  }
  return { detached: true };
}

function disposable(dispose: () => void): Disposable {
  return { [Symbol.dispose]: dispose };
}
