/**
 * Where policies are enforced: whoever is about to use an image asks here, before anything of it is used. Where there is no policy this
 * costs looking whether there is one, and nothing else is loaded.
 */
import { lstatSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Ground } from "../state/ground.ts";
import type { TrustGuard } from "../state/lent.ts";
import type { DocumentCandidate } from "./admit.ts";

/** Of the administrator. */
const system = { berth: "/etc/berth/policy.yaml", containers: "/etc/containers/policy.json" };

/** The files that hold policies, all of which have to let an image pass; containers' of the user stands for that of the system. */
export function policyFiles(): string[] {
  const own = process.env["XDG_CONFIG_HOME"] || join(homedir(), ".config");
  const containers = [join(own, "containers/policy.json"), system.containers].find(isThere);
  return [
    ...[system.berth, join(own, "berth/policy.yaml")].filter(isThere),
    ...(containers !== undefined && !acceptsAll(containers) ? [containers] : []),
  ];
}

/** Also a link that leads nowhere: a policy that cannot be read lets nothing pass. */
function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** The policy that distributions install with podman and skopeo says nothing. */
function acceptsAll(path: string): boolean {
  try {
    const { default: otherwise, transports = {} } = JSON.parse(readFileSync(path, "utf8")) as {
      default: { type: string }[];
      transports?: Record<string, Record<string, { type: string }[]>>;
    };
    const all = [otherwise, ...Object.values(transports).flatMap((scopes) => Object.values(scopes))];
    return all.every((requirements) => requirements.length > 0 && requirements.every(({ type }) => type === "insecureAcceptAnything"));
  } catch {
    return false; // told where it is read
  }
}

/**
 * Whether the policies let something be used that no store has.
 * @returns what to tell of it
 * @throws EngineError `untrusted`, `invalid` for a policy that is malformed
 */
export async function admitDocument(candidate: DocumentCandidate): Promise<string[]> {
  const files = policyFiles();
  return files.length === 0 ? [] : (await import("./admit.ts")).admitDocument(files, candidate);
}

export function createGuard(ground: Ground): TrustGuard {
  return {
    isActive: () => policyFiles().length > 0,
    async admit(candidate) {
      const files = policyFiles();
      return files.length === 0 ? undefined : (await import("./admit.ts")).admit(ground, files, candidate);
    },
  };
}
