/** What a RUN may do beyond its sandbox: nothing that the caller did not allow (`--allow`), as BuildKit has it. */
import type { Instruction, InstructionOf } from "../../dockerfile/types.ts";
import { EngineError } from "../../errors.ts";
import type { BuildOptions } from "../index.ts";
import type { BuildPlan } from "./plan.ts";

const entitlements = ["network.host", "security.insecure"];

/** Refuses entitlements that nobody knows, before anything is built. */
export function checkAllowed({ allow = [] }: BuildOptions): void {
  const unknown = allow.find((name) => !entitlements.includes(name));
  if (unknown !== undefined)
    throw new EngineError("usage", `unknown entitlement "${unknown}"`, { hint: `--allow takes ${entitlements.join(" and ")}` });
}

/** Refuses a build of which a step would need what is not allowed, before anything runs. */
export function refuseForbidden({ reachable }: BuildPlan, options: BuildOptions): void {
  for (const { stage } of reachable) for (const instruction of stage.instructions) requireAllowed(instruction, options);
}

/** @throws EngineError `dockerfile` at the instruction */
export function requireAllowed(instruction: Instruction, options: BuildOptions): void {
  if (instruction.kind !== "run") return;
  const missing = neededBy(instruction).find((name) => !isAllowed(name, options));
  if (missing === undefined) return;
  throw new EngineError("dockerfile", `${missing} is not allowed`, {
    location: instruction.location,
    hint: `add --allow ${missing} if you trust the Dockerfile: the step leaves its sandbox`,
  });
}

function neededBy({ network, security }: InstructionOf<"run">): string[] {
  return [...(network === "host" ? ["network.host"] : []), ...(security === "insecure" ? ["security.insecure"] : [])];
}

/** `build --network=host` already allows it for every step. */
function isAllowed(name: string, { allow = [], network }: BuildOptions): boolean {
  return allow.includes(name) || (name === "network.host" && network === "host");
}
