/** RUN as a step: what is executed, in which environment, and what of it goes into the key and the history. */
import { shellOf } from "../../dockerfile/configured.ts";
import { displayText, runProgram } from "../../dockerfile/index.ts";
import { joinWorkdir } from "../../dockerfile/instructions/workdir.ts";
import type { InstructionOf } from "../../dockerfile/types.ts";
import { EngineError } from "../../errors.ts";
import type { BuildOptions } from "../index.ts";
import { requireAllowed, type StageState } from "../plan/index.ts";
import { type PreparedMount, prepareMounts } from "./prepare-mounts.ts";
import { step } from "./step.ts";

/** What runs in a RUN. */
export interface RunCommand {
  argv: string[];
  /** A script that comes with the instruction: written to /dev/pipes/NAME. */
  script?: { name: string; data: string };
  mounts: readonly PreparedMount[];
  environment: Record<string, string>;
  user: string;
  directory: string;
  /** A network's mode, as for containers. */
  network: string;
  hostname: string;
  hosts: string[];
  /** Privileged: `--security=insecure`. */
  insecure: boolean;
  /** Of the programs: the image's. */
  architecture: string;
}

/** BuildKit's name for the host that steps run on. */
const usualHostname = "buildkitsandbox";

/** Given as build arguments they reach every RUN, declared or not, and stay out of key and history (Dockerfile reference, "Predefined ARGs"). */
const proxies = ["http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy"];

export default step({
  kind: "run",
  /** Words and quotes are the shell's; what a secret brings is told apart from what is known; a here-document shows how it begins. */
  title(scope, { environment }, { original, mounts, heredocs }) {
    const secret = mounts.flatMap((mount) => (mount.type === "secret" && mount.env !== undefined ? [mount.env] : []));
    const variables = secret.length === 0 ? environment : new Map([...environment, ...secret.map((name) => [name, "****"] as const)]);
    const text = displayText(original, variables, { escape: scope.escape, raw: true });
    const [first] = heredocs;
    if (first === undefined) return text;
    const [line = "", ...more] = first.content.trim().split(/\r?\n/);
    return `${text} (${line}${more.length > 0 ? "..." : ""})`;
  },
  async prepare(scope, state, instruction) {
    refuseUnsupported(instruction);
    requireAllowed(instruction, scope.options); // a trigger's, that no plan knew of
    const { argv, script } = programOf(state, instruction);
    const environment = Object.fromEntries(state.environment);
    const network = instruction.network === "default" ? (scope.options.network ?? "default") : instruction.network;
    const directory = joinWorkdir("/", state.config.WorkingDir ?? "/");
    const hostname = hostnameOf(scope.options);
    const { mounts, key } = await prepareMounts(scope, directory, instruction);
    const command: RunCommand = {
      argv,
      mounts,
      ...(script ? { script } : {}),
      environment,
      user: state.config.User ?? "",
      directory,
      network,
      hostname,
      hosts: scope.options.addHosts ?? [],
      insecure: instruction.security === "insecure",
      architecture: state.architecture,
    };
    return {
      reachesNetwork: network !== "none",
      key: {
        kind: "run",
        argv,
        environment,
        user: command.user,
        directory: command.directory,
        network,
        mounts: script ? [...key, script] : key,
        hosts: command.hosts,
        ...(command.insecure ? { insecure: true } : {}),
        ...(hostname === usualHostname ? {} : { hostname }),
      },
      createdBy: `RUN ${[...declaredArgs(state), ...argv].join(" ")} # buildkit`,
      async run(workspace, report) {
        const { runCommand } = await import("./run-command.ts");
        await runCommand(scope, workspace, { ...command, environment: { ...proxyArgs(scope.options.buildArgs), ...environment } }, report);
      },
    };
  },
});

/** Dockerfile reference, "BuildKit built-in build args". */
function hostnameOf({ buildArgs = {} }: BuildOptions): string {
  const name = buildArgs["BUILDKIT_SANDBOX_HOSTNAME"] || usualHostname;
  if (/^[\w.-]{1,64}$/.test(name)) return name;
  throw new EngineError("invalid", `cannot use BUILDKIT_SANDBOX_HOSTNAME ${JSON.stringify(name)}: it is no host name`);
}

function programOf(state: StageState, instruction: InstructionOf<"run">): Pick<RunCommand, "argv" | "script"> {
  const program = runProgram(instruction);
  if (program.form === "exec") return { argv: program.argv };
  if (program.form === "shell") return { argv: [...shellOf(state), program.script] };
  const { name, data } = program;
  return { argv: [...shellOf(state), `/dev/pipes/${name}`], script: { name, data } };
}

/** "|2 A=1 B=2": how BuildKit writes the ARGs in scope before the command. */
function declaredArgs({ buildArgs, environment }: StageState): string[] {
  if (buildArgs.length === 0) return [];
  return [`|${buildArgs.length}`, ...buildArgs.map(({ key, value }) => `${key}=${environment.get(key) ?? value ?? ""}`)];
}

function proxyArgs(buildArgs: Record<string, string> = {}): Record<string, string> {
  const given = Object.entries(buildArgs).filter(([key]) => proxies.includes(key.toLowerCase()));
  return Object.fromEntries(
    given.flatMap(([key, value]) => [
      [key.toUpperCase(), value],
      [key.toLowerCase(), value],
    ]),
  );
}

/** What this builder cannot do yet is refused, never ignored. */
function refuseUnsupported(instruction: InstructionOf<"run">): void {
  const refuse = (what: string): never => {
    throw new EngineError("unsupported", `cannot carry out ${what} yet`, {
      location: instruction.location,
      exit: 1,
      hint: "write the step without it",
    });
  };
  if (instruction.devices.length > 0) refuse("RUN --device");
}
