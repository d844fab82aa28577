/** Which capabilities a container gets: docker's fourteen by default, changed by --cap-add and --cap-drop. */
import { EngineError } from "../../errors.ts";
import { capabilityNames, defaultCapabilities, parseCapability } from "../../linux-capabilities.ts";
import type { OciCapabilities } from "./oci.ts";

export interface CapabilityWish {
  add?: readonly string[];
  drop?: readonly string[];
  privileged?: boolean;
}

/**
 * Pure.
 * @param available what this process may give away: more cannot be granted, and is left out
 * @throws EngineError `invalid` for an unknown name
 */
export function grantCapabilities({ add = [], drop = [], privileged = false }: CapabilityWish, available: readonly string[]): string[] {
  if (privileged) return capabilityNames.filter((name) => available.includes(name));
  const added = add.map(capabilityName);
  const dropped = drop.map(capabilityName);
  const base = added.includes("ALL") ? capabilityNames : dropped.includes("ALL") ? [] : defaultCapabilities;
  const kept = base.filter((name) => !dropped.includes(name));
  const wanted = new Set([...kept, ...added.filter((name) => name !== "ALL")]);
  return [...wanted].filter((name) => available.includes(name));
}

/** "sys_admin" → "CAP_SYS_ADMIN"; "all" → "ALL". @throws EngineError `invalid` */
export function capabilityName(name: string): string {
  const full = parseCapability(name);
  if (full === undefined) throw new EngineError("invalid", `invalid capability: "${name}"`, { hint: "see capabilities(7) for the names" });
  return full;
}

/** A user other than root starts with none in effect (execve would drop them), but can gain them by file capabilities. */
export function capabilitySets(bounding: string[], uid: number): OciCapabilities {
  const own = uid === 0 ? bounding : [];
  return { bounding, effective: own, permitted: own };
}
