/** `berth cast-to-svg`: what `repl --cast` recorded as a picture for a README. */
import { readFileSync, writeFileSync } from "node:fs";
import { resolve as resolvePath } from "node:path";
import { EngineError } from "../../../engine/errors.ts";
import { parseMilliseconds } from "../../format/duration.ts";
import { usersFileMode } from "../../umask.ts";
import { type CommandSpec, command, type Input } from "../command.ts";
import { textOf } from "../flag-values.ts";

const spec: CommandSpec<{ Svg?: string }> = command({
  summary: "Draw an asciicast as an animated SVG, or a moment of it",
  description:
    "Takes asciicast v2, as 'berth repl --cast' and asciinema write it. The SVG plays by itself wherever images do: it holds neither scripts nor links.",
  examples: [
    { line: "berth cast-to-svg demo.cast demo.svg", does: "Make a picture that plays" },
    { line: "berth cast-to-svg --at end demo.cast still.svg", does: "Draw what stands there at last" },
  ],
  flags: [
    { name: "at", type: "string", placeholder: "TIME", suggestions: ["end"], help: "Draw only what stands there then: 2.5s, or end" },
    { name: "idle", type: "string", placeholder: "TIME", help: "Cut pauses to this time (default 2s)" },
    { name: "title", type: "string", placeholder: "TEXT", help: "Title of the window (default: the cast's own)" },
  ],
  place: "anywhere",
  args: [
    { name: "CAST", subject: "file", help: "Recording to draw" },
    { name: "SVG", optional: true, subject: "file", help: "File to write; default: standard output" },
  ],
  async *run({ io }, input) {
    const [{ castSvg }, { readCast }] = await Promise.all([
      import("../../repl/picture/cast-svg.ts"),
      import("../../repl/picture/cast-file.ts"),
    ]);
    const [file = "", target] = input.args;
    const at = textOf(input, "at") === "end" ? "end" : secondsOf(input, "at");
    const idle = secondsOf(input, "idle");
    const cast = readCast(readText(resolvePath(io.cwd, file), file), file);
    const svg = await castSvg(cast, { at, idle, title: textOf(input, "title") });
    if (target === undefined) return { Svg: svg };
    try {
      writeFileSync(resolvePath(io.cwd, target), svg, { mode: usersFileMode() });
    } catch (cause) {
      throw new EngineError("invalid", `cannot write to "${target}": ${(cause as Error).message}`, { cause, hint: "check the path" });
    }
    return {};
  },
  present: ({ Svg }) => (Svg === undefined ? { kind: "none" } : { kind: "text", text: Svg }),
});

/** @throws EngineError `usage` */
function secondsOf(input: Input, name: string): number | undefined {
  const text = textOf(input, name);
  if (text === undefined) return undefined;
  const milliseconds = parseMilliseconds(text);
  if (milliseconds === undefined)
    throw new EngineError("usage", `invalid argument "${text}" for "--${name}" flag: it is no duration such as 2.5s`);
  return milliseconds / 1000;
}

function readText(path: string, name: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new EngineError("invalid", `cannot read "${name}": ${(cause as Error).message}`, { cause, hint: "check the path" });
  }
}

export default spec;
