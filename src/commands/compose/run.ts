/** `berth compose run`: one command in a container of a service's own kind. */
import type { Project, Service } from "../../../engine/compose/index.ts";
import { EngineError } from "../../../engine/errors.ts";
import type { ProgressEvent, SessionEnd } from "../../../engine/index.ts";
import { type CommandSpec, type Context, command, type FlagSpec, type Input } from "../command.ts";
import { environment } from "../container/flags/identity.ts";
import { toContainerCreate } from "../container/flags/index.ts";
import { attachOptions, sessionStatus, streamsFor } from "../container/session.ts";
import { choiceOf, isSet, listOf, pairsOf, splitPair, textOf } from "../flag-values.ts";
import { confirmVolumes } from "./diverged.ts";
import { hasTerminal } from "./exec.ts";
import { loadFor } from "./loading.ts";
import { requireServices } from "./project.ts";
import { alone, isDryRun, refuseDryRun } from "./scene.ts";
import { conflict, upWishes } from "./up-flags.ts";

type Result = { Id: string } & Partial<SessionEnd>;

const spec: CommandSpec<Result> = command({
  summary: "Run a command in a new container of a service",
  description:
    "The service's configuration holds, but for its ports, and for what the line says otherwise. What it depends on is started first.",
  examples: [
    { line: "berth compose run --rm web npm test", does: "Run the tests where the service runs, with its status" },
    { line: "berth compose run --rm -e DEBUG=1 -P web", does: "Run the service's own command with its ports published" },
  ],
  flags: [
    { name: "build", type: "boolean", help: "Build the image first" },
    { name: "cap-add", type: "list", placeholder: "CAPABILITY", help: "Add Linux capabilities" },
    { name: "cap-drop", type: "list", placeholder: "CAPABILITY", help: "Drop Linux capabilities" },
    { name: "detach", short: "d", type: "boolean", help: "Run in the background and print the container's id" },
    { name: "entrypoint", type: "string", placeholder: "COMMAND", help: "Entry point in place of the image's" },
    { name: "env", short: "e", type: "list", placeholder: "NAME[=VALUE]", help: "Set an environment variable" },
    { name: "env-from-file", type: "list", placeholder: "FILE", subject: "file", help: "Read environment variables from a file" },
    { name: "interactive", short: "i", type: "boolean", default: true, help: "Keep standard input open" },
    { name: "label", short: "l", type: "list", placeholder: "KEY=VALUE", help: "Add or replace a label" },
    { name: "name", type: "string", placeholder: "NAME", help: "Name of the container" },
    { name: "no-TTY", short: "T", type: "boolean", help: "Allocate no pseudo-terminal" },
    { name: "no-tty", type: "boolean", hidden: true, help: "The same" },
    { name: "tty", short: "t", type: "boolean", hidden: true, help: "Allocate a pseudo-terminal" },
    { name: "no-deps", type: "boolean", help: "Start nothing that the service depends on" },
    { name: "publish", short: "p", type: "list", placeholder: "[IP:][HOST:]CONTAINER", help: "Publish a port" },
    { name: "pull", type: "string", choices: ["always", "missing", "never", "policy"], default: "policy", help: "When to pull images" },
    { name: "quiet", short: "q", type: "boolean", help: "Show no progress" },
    { name: "quiet-build", type: "boolean", help: "Show nothing of builds" },
    { name: "quiet-pull", type: "boolean", help: "Pull without showing progress" },
    { name: "remove-orphans", type: "boolean", help: "Remove containers of services that the files do not have" },
    { name: "rm", type: "boolean", help: "Remove the container when it ends" },
    { name: "service-ports", short: "P", type: "boolean", help: "Publish the service's ports" },
    { name: "use-aliases", type: "boolean", help: "Have the service's names on its networks" },
    { name: "user", short: "u", type: "string", placeholder: "NAME|UID[:GROUP|GID]", help: "User name or UID" },
    ...["volume", "label"].map((name): FlagSpec => ({ name: `${name}s`, type: "list", hidden: true, help: `The older form of --${name}` })),
    { name: "volume", short: "v", type: "list", placeholder: "SOURCE:TARGET", help: "Bind a volume or a directory" },
    { name: "workdir", short: "w", type: "string", placeholder: "DIRECTORY", help: "Working directory inside the container" },
  ],
  args: [
    { name: "SERVICE", subject: "service" },
    { name: "COMMAND", optional: true, subject: "none" },
    { name: "ARG", optional: true, variadic: true, subject: "file" },
  ],
  stopsAtArgs: true,
  async *run(context, input): AsyncGenerator<ProgressEvent, Result> {
    const [service = ""] = input.args;
    if (isSet(input, "service-ports") && listOf(input, "publish").length > 0)
      throw new EngineError("usage", "--service-ports and --publish are incompatible", { exit: 1 });
    const project = yield* loadFor(context, input, { services: [service] });
    requireServices(project, [service]);
    if (project.fetched) yield* (await import("./fetched.ts")).confirmFetched(context, input, project);
    const { makeOneOff, stayWith } = await import("../../../engine/compose/index.ts");
    const Tty = isTty(context, input);
    const altered = alter(project, service, context, input, Tty);
    const own = toContainerCreate(
      { flags: { volume: eitherOf(input, "volume"), publish: listOf(input, "publish") }, args: ["none"] },
      context.io,
    );
    const name = textOf(input, "name");
    const renewed = await confirmVolumes(context, input, project);
    const Id = yield* alone(context, input, project, (scene) =>
      makeOneOff(scene, {
        service,
        altered,
        remove: isSet(input, "rm"),
        attached: !isSet(input, "detach"),
        withAliases: isSet(input, "use-aliases"),
        binds: own.HostConfig?.Binds ?? [],
        volumes: own.Volumes ?? {},
        ports: own.HostConfig?.PortBindings ?? {},
        exposed: own.ExposedPorts ?? {},
        alone: isSet(input, "no-deps"),
        wishes: { ...upWishes({ ...input, flags: { ...input.flags, "no-build": false } }, []), ...renewed },
        ...(name !== undefined && { name }),
      }),
    );
    if (isDryRun(input)) {
      if (!isSet(input, "detach")) refuseDryRun(input, "run");
      return { Id };
    }
    if (isSet(input, "detach")) {
      await context.engine.containers.start(Id);
      return { Id };
    }
    const options = attachOptions(context, { ...input, flags: { "sig-proxy": true } }, choiceOf(input, "interactive") !== false);
    return { Id, ...(await stayWith(context, Id, streamsFor(context, Tty), options)) };
  },
  present: ({ Id }, input) => (isSet(input, "detach") ? { kind: "lines", lines: [Id] } : { kind: "none" }),
  exitStatus: (result) => sessionStatus(result),
  interactive: (input) => !isSet(input, "no-TTY") && !isSet(input, "no-tty") && !isSet(input, "detach"),
});

/** A list under its name and under its older one. */
const eitherOf = (input: Input, name: string) => [...listOf(input, name), ...listOf(input, `${name}s`)];

/** @throws EngineError `usage` for a line that says both, or asks for a terminal where it reads from none */
function isTty(context: Context, input: Input): boolean {
  const without = choiceOf(input, "no-TTY") ?? choiceOf(input, "no-tty");
  const tty = choiceOf(input, "tty");
  if (tty !== undefined && without !== undefined) throw conflict("--tty", "--no-TTY");
  return hasTerminal(context, input, tty ?? (without === undefined ? undefined : !without));
}

/** The service as the line wants it. */
function alter({ environment: known, model }: Project, name: string, { io }: Context, input: Input, tty: boolean): Service {
  const service = model.services[name]!;
  const [, ...command] = input.args;
  const entrypoint = textOf(input, "entrypoint");
  const user = textOf(input, "user");
  const workdir = textOf(input, "workdir");
  // A name alone is what it stands for here, of `.env` files, too; one that stands for nothing leaves the image's alone.
  const words = environment(listOf(input, "env"), listOf(input, "env-from-file"), { cwd: io.cwd, env: known });
  const variables = words.filter((word) => word.includes("=")).map(splitPair);
  const { container_name: _name, restart: _restart, ports, deploy, ...rest } = service;
  return {
    ...rest,
    ...(isSet(input, "service-ports") && ports && { ports }),
    ...(deploy && { deploy: { ...deploy, restart_policy: { condition: "none" } } }),
    tty,
    stdin_open: choiceOf(input, "interactive") !== false,
    environment: { ...service.environment, ...Object.fromEntries(variables) },
    labels: { ...service.labels, ...pairsOf(eitherOf(input, "label")) },
    ...capabilities(service, listOf(input, "cap-add"), listOf(input, "cap-drop")),
    ...(command.length > 0 && { command }),
    ...(entrypoint !== undefined && {
      entrypoint: entrypoint === "" ? [] : entrypoint.split(/\s+/),
      ...(command.length === 0 && { command: null }),
    }),
    ...(user !== undefined && { user }),
    ...(workdir !== undefined && { working_dir: workdir }),
  };
}

/** What the line gives, the file does not take, and the other way round. */
function capabilities({ cap_add = [], cap_drop = [] }: Service, given: string[], taken: string[]): Pick<Service, "cap_add" | "cap_drop"> {
  const without = (all: string[], others: string[]) => all.filter((each) => !others.includes(each));
  return { cap_add: [...without(cap_add, taken), ...given], cap_drop: [...without(cap_drop, given), ...taken] };
}

export default spec;
