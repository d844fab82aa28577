/**
 * Which host a command line is for, decided before anything is loaded that talks to one. The first of these that is given:
 *
 *   -H ADDRESS, -c CONTEXT
 *   $BERTH_HOST
 *   --root, --runtime, $BERTH_ROOT          this host's own engine
 *   $DOCKER_HOST, $DOCKER_CONTEXT
 *   what `context use` has written down (currentContext in docker's config.json)
 *   this host's own engine
 *
 * "local" is an address, too: this host's own engine, whatever the environment says.
 */
import { EngineError } from "../engine/errors.ts";
import type { FlagValue } from "./commands/command.ts";

export type HostChoice =
  /** `from`: what named it, when that was not the command line. */
  { address: string; from?: string } | { context: string; from?: string };

type Environment = Record<string, string | undefined>;

const own = "local";

/**
 * @param current reads the name that was written down; "default" for none
 * @returns undefined for this host's own engine
 * @throws EngineError `usage`
 */
export function chooseHost(flags: Record<string, FlagValue>, env: Environment, current: () => string): HostChoice | undefined {
  const { host, context, root, runtime } = flags;
  if (typeof host === "string" && typeof context === "string")
    throw new EngineError("usage", "conflicting options: cannot specify both --host and --context", { exit: 1 });
  const isGiven = typeof host === "string" || typeof context === "string";
  const isHere = typeof root === "string" || typeof runtime === "string";
  if (isGiven && isHere && host !== own)
    throw new EngineError("usage", "conflicting options: --root and --runtime are about this host, --host and --context about another");
  if (typeof host === "string") return addressed(host);
  if (typeof context === "string") return context === "default" ? fromDocker(env) : { context };
  if (isHere) return undefined;
  if (env["BERTH_HOST"]) return addressed(env["BERTH_HOST"], "$BERTH_HOST");
  if (env["BERTH_ROOT"]) return undefined;
  return fromDocker(env) ?? fromContext(env, current);
}

function addressed(address: string, from?: string): HostChoice | undefined {
  if (address === "") throw new EngineError("usage", 'invalid argument "" for "--host" flag: it is empty', { hint: "see 'berth --help'" });
  return address === own ? undefined : { address, ...(from !== undefined && { from }) };
}

/** What "default" means in docker's words. */
function fromDocker(env: Environment): HostChoice | undefined {
  return env["DOCKER_HOST"] ? addressed(env["DOCKER_HOST"], "$DOCKER_HOST") : undefined;
}

function fromContext(env: Environment, current: () => string): HostChoice | undefined {
  const named = env["DOCKER_CONTEXT"];
  const name = named || current();
  return name === "default" ? undefined : { context: name, from: named ? "$DOCKER_CONTEXT" : "'berth context use'" };
}

/** How to get back to this host's own engine, for errors of a host that nobody has named on the command line. */
export function wayBack(choice: HostChoice): string | undefined {
  return choice.from && `${choice.from} names this host: 'berth -H ${own} …' is this machine's own engine`;
}
