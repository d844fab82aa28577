/**
 * Services that a program of the host provides, by docker compose's protocol (its docs/extension): `PROGRAM compose --project-name=NAME
 * up|down|stop --OPTION=VALUE SERVICE`, which answers with JSON values on its standard output. `stop` is for those alone that say so of themselves.
 */
import { homedir } from "node:os";
import { join } from "node:path";
import { EngineError } from "../../errors.ts";
import { exitStatus, findProgram, runProcess, spawnProcess } from "../../process/spawn.ts";
import { serviceJson } from "../print/project.ts";
import type { Project } from "../project.ts";
import type { Provider, Service } from "../service.ts";
import { doing, type Scene } from "./scene.ts";

type Verb = "up" | "down" | "stop";

/** What it may tell of itself: which options its verbs take. */
type Metadata = { description?: string } & { [verb in Verb]?: { parameters?: { name: string; required?: boolean }[] } };

/** A line, or a whole answer, of more than this is none. */
const longest = 1 << 20;

const words: Record<Verb, readonly [string, string]> = {
  up: ["Creating", "Created"],
  down: ["Removing", "Removed"],
  stop: ["Stopping", "Stopped"],
};

/** Has the service made, stopped or released; what `up` tells becomes variables of the services that depend on it. Changes the project. */
export async function runProvider(scene: Scene, name: string, verb: Verb): Promise<void> {
  const { project } = scene;
  const provider = project.model.services[name]!.provider!;
  if (verb === "stop" && !(await metadataOf(scene, programOf(name, provider)))?.stop) return;
  await doing(scene, "Service", name, words[verb], async () => {
    const program = programOf(name, provider);
    const options = optionsOf(await metadataOf(scene, program), provider, verb);
    const variables = await converse(scene, name, program, ["compose", `--project-name=${project.model.name}`, verb, ...options, name]);
    if (verb === "up") giveVariables(scene, name, variables);
  });
}

/** A plug-in of docker's client, or a program in PATH. */
function programOf(name: string, { type }: Provider): string {
  if (type === "compose") throw new EngineError("invalid", `service "${name}": "compose" is no provider`);
  const own = join(process.env["DOCKER_CONFIG"] || join(homedir(), ".docker"), "cli-plugins");
  const shared = ["/usr/local/lib", "/usr/local/libexec", "/usr/lib", "/usr/libexec"].map((directory) => `${directory}/docker/cli-plugins`);
  const plugin = type.includes("/") ? [] : [own, ...shared].map((directory) => findProgram(join(directory, `docker-${type}`)));
  const found = plugin.find((path) => path !== undefined) ?? findProgram(type);
  if (found) return found;
  throw new EngineError("not-found", `service "${name}": there is no program "${type}" to provide it`, { hint: "install it, or see PATH" });
}

const environmentOf = ({ environment }: Project) => ({ ...environment });

async function metadataOf({ project, signal }: Scene, program: string): Promise<Metadata | undefined> {
  const { status, stdout } = await runProcess(program, ["compose", "metadata"], { env: environmentOf(project), signal });
  return status === 0 && stdout.length < longest ? (parsed(stdout) as Metadata | undefined) : undefined;
}

/** All options, or those that the program says that the verb takes. @throws EngineError `invalid` for one that it requires */
function optionsOf(metadata: Metadata | undefined, { options = {}, type }: Provider, verb: Verb): string[] {
  const isEmpty = !metadata?.description && !metadata?.up?.parameters && !metadata?.down?.parameters;
  const known = metadata?.[verb]?.parameters ?? [];
  const lost = known.find((each) => each.required && !(each.name in options));
  if (!isEmpty && lost) throw new EngineError("invalid", `required parameter "${lost.name}" is missing from provider "${type}" definition`);
  return Object.entries(options)
    .filter(([key]) => isEmpty || known.some(({ name }) => name === key))
    .flatMap(([key, values]) => values.map((value) => `--${key}=${value}`));
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

interface Variables {
  /** Get the service's name before their own. */
  prefixed: Map<string, string>;
  raw: Map<string, string>;
}

/** @throws EngineError `expectation` with what the program says, `invalid` for an answer that is none */
async function converse(scene: Scene, name: string, program: string, args: string[]): Promise<Variables> {
  const { project, signal } = scene;
  const child = spawnProcess(program, args, {
    stdio: ["pipe", "pipe", "pipe"],
    env: environmentOf(project),
    cwd: project.directory,
    signal,
  });
  const errors: Buffer[] = [];
  child.stderr!.on("data", (bytes: Buffer) => errors.length < 64 && errors.push(bytes));
  child.stdin!.on("error", () => {}); // it wants no answer any more
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", (cause) => reject(new EngineError("system", `cannot run "${program}": ${cause.message}`, { cause })));
    child.once("close", (code, signalName) => resolve(exitStatus(code, signalName)));
  });
  ended.catch(() => {}); // it is awaited below, unless an answer is wrong
  const variables: Variables = { prefixed: new Map(), raw: new Map() };
  try {
    for await (const line of linesOf(child.stdout!)) {
      const answer = line.trim() && take(scene, name, line, variables);
      if (answer) child.stdin!.write(answer);
    }
    const status = await ended;
    if (status === 0) return variables;
    signal.throwIfAborted();
    const said = Buffer.concat(errors).toString().trim().split("\n").slice(-5).join("\n  ");
    throw new EngineError("expectation", `the provider of service "${name}" ended with status ${status}${said && `:\n  ${said}`}`, {
      exit: 1,
    });
  } finally {
    child.stdin!.end();
    if (child.exitCode === null) child.kill("SIGKILL");
  }
}

async function* linesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let pending = "";
  for await (const bytes of stream) {
    const lines = (pending + bytes.toString("utf8")).split("\n");
    pending = lines.pop()!;
    if (pending.length > longest) throw new EngineError("invalid", "a line of a provider's answer is too long");
    yield* lines;
  }
  yield pending;
}

/** @returns what is answered */
function take({ report, project }: Scene, name: string, line: string, { prefixed, raw }: Variables): string | undefined {
  const { type, message = "" } = (parsed(line) ?? {}) as { type?: string; message?: string };
  const wrong = () => new EngineError("invalid", `invalid response from the provider of service "${name}": ${line.slice(0, 200)}`);
  const pair = () => {
    const [, key, value] = /^([^=]+)=(.*)$/s.exec(message) ?? [];
    if (key === undefined || value === undefined) throw wrong();
    return [key, value] as const;
  };
  switch (type) {
    case "info":
      report({ type: "resource", kind: "Service", name, status: message.trim().split("\n")[0]!, state: "working" });
      return undefined;
    case "error":
      throw new EngineError("expectation", `service "${name}": ${message}`, { exit: 1 });
    case "setenv":
      prefixed.set(...pair());
      return undefined;
    case "rawsetenv":
      raw.set(...pair());
      return undefined;
    case "get-service-config":
      return `${serviceJson(project.model.services[name]!)}\n`;
    case "debug":
      return undefined;
    default:
      throw wrong();
  }
}

/** To the services that depend on it, those of `run` (which are aside) too. */
function giveVariables({ project, report }: Scene, name: string, { prefixed, raw }: Variables): void {
  const prefix = `${name.toUpperCase()}_`;
  const own = [...prefixed].map(([key, value]) => [`${prefix}${key}`, value] as const);
  for (const [other, service] of Object.entries({ ...project.disabled, ...project.model.services }) as [string, Service][]) {
    if (!service.depends_on?.[name]) continue;
    const clash = [...raw].find(([key, value]) => (service.environment?.[key] ?? value) !== value);
    if (clash) report({ type: "warning", text: `provider "${name}" overrides environment variable "${clash[0]}" in service "${other}"` });
    service.environment = { ...service.environment, ...Object.fromEntries([...own, ...raw]) };
  }
}
