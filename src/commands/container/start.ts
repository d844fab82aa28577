/** `berth start`: start stopped containers, or stay with one. */

import { EngineError } from "../../../engine/errors.ts";
import type { ProgressEvent, SessionEnd } from "../../../engine/index.ts";
import { type CommandSpec, command } from "../command.ts";
import { isSet } from "../flag-values.ts";
import { forEachInOrder } from "./each.ts";
import { refusalAs } from "./refused.ts";
import { attachOptions, detachKeys, requireTerminal, sessionStatus, sigProxy, streamsFor } from "./session.ts";

type Result = { Names: string[] } & Partial<SessionEnd>;

const spec: CommandSpec<Result> = command({
  summary: "Start one or more stopped containers",
  examples: [
    { line: "berth start web db", does: "Start two containers in the background" },
    { line: "berth start -ai shell", does: "Start one and attach this terminal to it" },
  ],
  flags: [
    { name: "attach", short: "a", type: "boolean", help: "Attach standard output and error, and pass signals on" },
    { name: "interactive", short: "i", type: "boolean", help: "Attach standard input" },
    detachKeys,
    sigProxy,
  ],
  args: [{ name: "CONTAINER", variadic: true, subject: "stopped-container" }],
  async *run(context, input): AsyncGenerator<ProgressEvent, Result> {
    const { engine } = context;
    if (!isSet(input, "attach") && !isSet(input, "interactive")) {
      return { Names: yield* startEach(input.args, (name) => refusalAs(1, engine.containers.start(name))) };
    }
    const [name = "", ...others] = input.args;
    if (others.length > 0) throw new EngineError("usage", "you cannot start and attach multiple containers at once", { exit: 1 });
    const { Config } = await engine.containers.inspect(name);
    if (Config.Tty && isSet(input, "interactive")) requireTerminal(context);
    const options = attachOptions(context, { ...input, flags: { ...input.flags, attach: [] } }, isSet(input, "interactive"));
    if (Config.Tty) options.sigProxy = false; // docker: `run` alone passes them on to a terminal's process
    const end = await refusalAs(1, engine.containers.start(name, streamsFor(context, Config.Tty ?? false), options));
    return { Names: [name], ...end };
  },
  present: () => ({ kind: "none" }),
  presentRow: (name: string) => ({ kind: "lines", lines: [name] }),
  exitStatus: (result) => sessionStatus(result),
  interactive: (input) => isSet(input, "interactive") || isSet(input, "attach"),
});

/** docker names once more, below the reasons, all that were not started. */
async function* startEach(names: readonly string[], start: (name: string) => Promise<unknown>): AsyncGenerator<ProgressEvent, string[]> {
  const failed: string[] = [];
  const startOne = async (name: string) => {
    await start(name).catch((error: unknown) => {
      failed.push(name);
      throw error;
    });
  };
  try {
    return yield* forEachInOrder(names, startOne);
  } catch (error) {
    if (!(error instanceof EngineError) || failed.length === 0) throw error;
    throw error.withExit(error.exit, `${error.message}\nberth: failed to start containers: ${failed.join(", ")}`);
  }
}

export default spec;
