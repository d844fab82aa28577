/** `berth compose exec`: a further command in a service's container, with a terminal where there is one. */
import type { SessionEnd } from "../../../engine/index.ts";
import { isTerminal } from "../../print.ts";
import { type CommandSpec, type Context, command, type Input } from "../command.ts";
import { environment } from "../container/flags/identity.ts";
import { requireTerminal, sessionStatus, streamsFor } from "../container/session.ts";
import { choiceOf, isSet, listOf, textOf } from "../flag-values.ts";
import { projectOrMade } from "./project.ts";
import { isDryRun, refuseDryRun } from "./scene.ts";
import { indexFlag, pickContainer } from "./service-container.ts";

const spec: CommandSpec<SessionEnd> = command({
  summary: "Execute a command in a running container of a service",
  description: "With a terminal, unless -T is given or standard input is none.",
  examples: [
    { line: "berth compose exec web sh", does: "Open a shell in a service's container" },
    { line: "berth compose exec -T db pg_dump app > app.sql", does: "Keep what a command writes" },
  ],
  flags: [
    { name: "detach", short: "d", type: "boolean", help: "Run in the background" },
    { name: "env", short: "e", type: "list", placeholder: "NAME[=VALUE]", help: "Set an environment variable" },
    indexFlag,
    { name: "interactive", short: "i", type: "boolean", default: true, help: "Keep standard input open", hidden: true },
    { name: "no-tty", short: "T", type: "boolean", help: "Allocate no pseudo-terminal" },
    { name: "tty", short: "t", type: "boolean", default: true, help: "Allocate a pseudo-terminal", hidden: true },
    { name: "privileged", type: "boolean", help: "Give extended privileges to the command" },
    { name: "user", short: "u", type: "string", placeholder: "NAME|UID[:GROUP|GID]", help: "User name or UID" },
    { name: "workdir", short: "w", type: "string", placeholder: "DIRECTORY", help: "Working directory inside the container" },
  ],
  args: [
    { name: "SERVICE", subject: "service" },
    { name: "COMMAND", subject: "none" },
    { name: "ARG", optional: true, variadic: true, subject: "file" },
  ],
  stopsAtArgs: true,
  async *run(context, input) {
    const [service = "", ...Cmd] = input.args;
    const Tty = hasTerminal(context, input, wantsTerminal(input));
    if (Tty) context.handOver?.();
    const project = yield* projectOrMade(context, input);
    const { id } = await pickContainer(context, input, project, service, { running: true });
    if (!isSet(input, "detach")) refuseDryRun(input, "exec");
    else if (isDryRun(input)) {
      yield { type: "message", text: `DRY-RUN MODE - Executing command ${JSON.stringify(Cmd)} in ${id} (detached mode)` };
      return { detached: true };
    }
    const config = {
      Cmd,
      Tty,
      AttachStdin: choiceOf(input, "interactive") !== false,
      Detach: isSet(input, "detach"),
      User: textOf(input, "user"),
      WorkingDir: textOf(input, "workdir"),
      Env: environment(listOf(input, "env"), [], { cwd: context.io.cwd, env: project.environment }),
      Privileged: isSet(input, "privileged"),
    };
    return context.engine.containers.exec(id, config, streamsFor(context, Tty), context.signal);
  },
  present: () => ({ kind: "none" }),
  exitStatus: (result) => sessionStatus(result),
  interactive: (input) => !isSet(input, "no-tty") && !isSet(input, "detach"),
});

/**
 * docker compose asks for a terminal by itself, where both ends are one.
 * @param wanted whether the line says so, if it does
 * @throws EngineError `usage` where the line asks for one, and reads from something else
 */
export function hasTerminal(context: Context, input: Input, wanted: boolean | undefined): boolean {
  const { terminal, inherit } = context.io.streams;
  if (wanted === false || isSet(input, "detach")) return false;
  if (wanted && choiceOf(input, "interactive") !== false) requireTerminal(context);
  return terminal !== undefined && (wanted || !inherit || (isTerminal(0) && isTerminal(1)));
}

/** `-t` alone says nothing: docker compose does not read it. */
function wantsTerminal(input: Input): boolean | undefined {
  if (choiceOf(input, "tty") === false) return false;
  const without = choiceOf(input, "no-tty");
  return without === undefined ? undefined : !without;
}

export default spec;
