/** Which context is in use, and what "default" stands for. */
import type { ContextDocument } from "../../../engine/remote/index.ts";
import type { Context } from "../command.ts";

type Environment = Context["io"]["env"];

/** The variable that goes before the context in use. */
const overriding = (env: Environment) => ["BERTH_HOST", "DOCKER_HOST"].find((name) => env[name] && env[name] !== "local");

/** As a command line without --host and --context has it. */
export async function currentName(env: Environment): Promise<string> {
  const { currentContext, noContext } = await import("../../../engine/remote/index.ts");
  if (env["BERTH_HOST"] || env["DOCKER_HOST"]) return noContext;
  return env["DOCKER_CONTEXT"] || currentContext();
}

export function defaultContext(env: Environment): ContextDocument {
  const named = overriding(env);
  const Host = (named && env[named]) || "local";
  const Description = named ? `Current ${named} based configuration` : "This machine's own engine";
  return { Name: "default", Metadata: { Description }, Endpoints: { docker: { Host, SkipTLSVerify: false } } };
}

export async function completeContexts(): Promise<string[]> {
  const { listContexts } = await import("../../../engine/remote/index.ts");
  return ["default", ...listContexts().map(({ Name }) => Name)];
}

/** What docker says when a variable goes before the context. */
export function overrideWarning(env: Environment, name?: string): string | undefined {
  const variable = overriding(env);
  const what = name === undefined ? "a context" : `"${name}"`;
  return (
    variable &&
    `${variable} environment variable overrides the active context. To use ${what}, either set the global --context flag, or unset ${variable} environment variable.`
  );
}
