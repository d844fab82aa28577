/** The engine of a host that a command line, the environment or a context names. */
import { EngineError } from "../engine/errors.ts";
import { addressedHost, contextHost, type Endpoint, openRemoteEngine, type RemoteEngine } from "../engine/remote/index.ts";
import type { FlagValue } from "./commands/command.ts";
import { type HostChoice, wayBack } from "./host-choice.ts";
import { isTerminal } from "./print.ts";

/** @throws EngineError `usage`, `not-found`, `invalid`, `system` */
export function openChosen(choice: HostChoice, flags: Record<string, FlagValue>): RemoteEngine {
  const back = wayBack(choice);
  try {
    const version = process.env["DOCKER_API_VERSION"];
    const name = "context" in choice ? choice.context : undefined;
    return openRemoteEngine(endpointOf(choice, flags), { name, asks: isTerminal(0), hint: back, ...(version && { version }) });
  } catch (error) {
    if (back === undefined || !(error instanceof EngineError)) throw error;
    throw new EngineError(error.code, error.message, { cause: error, hint: back, exit: 1 });
  }
}

function endpointOf(choice: HostChoice, flags: Record<string, FlagValue>): Endpoint {
  if ("context" in choice) {
    const endpoint = contextHost(choice.context);
    if (endpoint) return endpoint;
    throw new EngineError("not-found", `context "${choice.context}": context not found`);
  }
  const text = (name: string) => (typeof flags[name] === "string" ? flags[name] : undefined);
  const verify = flags["tlsverify"];
  const files = { ca: text("tlscacert"), cert: text("tlscert"), key: text("tlskey") };
  return addressedHost(
    choice.address,
    { ...files, tls: flags["tls"] === true, ...(typeof verify === "boolean" && { verify }) },
    process.env,
  );
}
