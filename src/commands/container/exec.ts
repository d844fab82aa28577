/** `berth exec`: run a further command in a running container. */
import { EngineError } from "../../../engine/errors.ts";
import type { SessionEnd } from "../../../engine/index.ts";
import { type CommandSpec, command, type Io } from "../command.ts";
import { isSet, listOf, textOf } from "../flag-values.ts";
import { environment } from "./flags/identity.ts";
import { detachKeys, requireTerminal, sessionStatus, streamsFor } from "./session.ts";

const spec: CommandSpec<SessionEnd> = command({
  summary: "Execute a command in a running container",
  examples: [
    { line: "berth exec -it web sh", does: "Open a shell inside a running container" },
    { line: "berth exec -e DEBUG=1 -w /srv web ls -l", does: "Run one command with an environment and a directory of its own" },
  ],
  flags: [
    { name: "detach", short: "d", type: "boolean", help: "Run in the background" },
    detachKeys,
    { name: "env", short: "e", type: "list", placeholder: "NAME[=VALUE]", help: "Set an environment variable" },
    { name: "env-file", type: "list", placeholder: "FILE", subject: "file", help: "Read environment variables from a file" },
    { name: "interactive", short: "i", type: "boolean", help: "Keep standard input open" },
    { name: "privileged", type: "boolean", help: "Give extended privileges to the command" },
    { name: "tty", short: "t", type: "boolean", help: "Allocate a pseudo-terminal" },
    { name: "user", short: "u", type: "string", placeholder: "NAME|UID[:GROUP|GID]", help: "User name or UID" },
    { name: "workdir", short: "w", type: "string", placeholder: "DIRECTORY", help: "Working directory inside the container" },
  ],
  args: [
    { name: "CONTAINER", subject: "running-container" },
    { name: "COMMAND", subject: "none" },
    { name: "ARG", optional: true, variadic: true, subject: "none" },
  ],
  stopsAtArgs: true,
  async *run(context, input) {
    const [name = "", ...Cmd] = input.args;
    const Tty = isSet(input, "tty");
    const AttachStdin = isSet(input, "interactive");
    const Detach = isSet(input, "detach");
    if (Tty && AttachStdin && !Detach) requireTerminal(context);
    const config = {
      Cmd,
      Tty,
      AttachStdin,
      Detach,
      User: textOf(input, "user"),
      WorkingDir: textOf(input, "workdir"),
      Env: [...fileEnvironment(listOf(input, "env-file"), context.io), ...environment(listOf(input, "env"), [], context.io)],
      Privileged: isSet(input, "privileged"),
      DetachKeys: textOf(input, "detach-keys"),
    };
    try {
      return await context.engine.containers.exec(name, config, streamsFor(context, Tty), context.signal);
    } catch (error) {
      throw withWayAround(Detach && error instanceof EngineError ? error.withExit(1) : error, name, Cmd[0]);
    }
  },
  present: () => ({ kind: "none" }),
  exitStatus: (result) => sessionStatus(result),
  interactive: (input) => isSet(input, "tty") && !isSet(input, "detach"),
  complete: async (context, word, { args }) =>
    args[0] !== undefined && word.startsWith("/") ? (await import("./complete-paths.ts")).pathsIn(context, args[0], word) : [],
});

/** docker: a file that cannot be read is no wrong usage here, other than for `run`. */
function fileEnvironment(files: readonly string[], io: Io): string[] {
  try {
    return environment([], files, io);
  } catch (error) {
    throw error instanceof EngineError ? error.withExit(1) : error;
  }
}

/** Who looks for a shell where there is none gets one that is brought along. */
function withWayAround(error: unknown, container: string, program = ""): unknown {
  const isShell = /^(\/(usr\/)?bin\/)?(ba|da|a|z|k|fi)?sh$/.test(program);
  if (!(error instanceof EngineError) || error.code !== "command-not-found" || !isShell) return error;
  const { code, message, cause, exit } = error;
  return new EngineError(code, message, { cause, exit, hint: `"berth debug ${container}" brings a shell along` });
}

export default spec;
