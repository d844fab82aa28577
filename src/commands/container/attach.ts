/** `berth attach`: connect to the streams of a running container. */

import { EngineError } from "../../../engine/errors.ts";
import type { SessionEnd } from "../../../engine/index.ts";
import { type CommandSpec, command } from "../command.ts";
import { isSet } from "../flag-values.ts";
import { attachOptions, detachKeys, requireTerminal, sessionStatus, sigProxy, streamsFor } from "./session.ts";

const spec: CommandSpec<SessionEnd> = command({
  summary: "Attach to a running container's standard streams",
  description: "The detach keys (ctrl-p ctrl-q unless chosen otherwise) leave a container with a terminal running.",
  examples: [{ line: "berth attach --no-stdin web", does: "Watch what the container prints, without typing into it" }],
  flags: [detachKeys, { name: "no-stdin", type: "boolean", help: "Do not attach standard input" }, sigProxy],
  args: [{ name: "CONTAINER", subject: "running-container" }],
  async *run(context, input) {
    const name = input.args[0]!;
    const { Config, State } = await context.engine.containers.inspect(name);
    if (!State.Running)
      throw new EngineError("not-running", `You cannot attach to a stopped container, start it first`, {
        hint: `start it with 'berth start ${name}'`,
      });
    if (State.Paused)
      throw new EngineError("not-running", "You cannot attach to a paused container, unpause it first", {
        hint: `let it go on with 'berth unpause ${name}'`,
      });
    const stdin = !isSet(input, "no-stdin") && (Config.OpenStdin ?? false);
    if (Config.Tty && stdin) requireTerminal(context);
    const options = attachOptions(context, input, stdin);
    if (Config.Tty) options.sigProxy = false; // docker: `run` alone passes them on to a terminal's process
    return context.engine.containers.attach(name, streamsFor(context, Config.Tty ?? false), options);
  },
  present: () => ({ kind: "none" }),
  exitStatus: (result) => sessionStatus(result),
  interactive: () => true,
});

export default spec;
