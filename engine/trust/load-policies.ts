/** The policies of some files, read once for as long as none of them, nor a key that they name, changes. */
import { parseContainersPolicy } from "./containers-policy.ts";
import { isIdle, type Policy } from "./policy.ts";
import { parsePolicy } from "./policy-file.ts";
import { TrustedFiles } from "./trusted-files.ts";

export interface Policies {
  /** Those that can refuse something. */
  active: readonly Policy[];
  /** What was found out under them: see admit.ts. */
  admitted: Map<string, number>;
}

let known: (Policies & { paths: string; files: TrustedFiles }) | undefined;

/** @throws EngineError `invalid`, with its place */
export async function loadPolicies(paths: readonly string[]): Promise<Policies> {
  const key = paths.join("\0");
  if (known?.paths === key && known.files.isCurrent) return known;
  const files = new TrustedFiles();
  const policies: Policy[] = [];
  for (const path of paths) {
    const text = files.read(path, "the policy");
    policies.push(path.endsWith(".json") ? parseContainersPolicy(text, path, files) : await parsePolicy(text, path, files));
  }
  known = { paths: key, files, active: policies.filter((each) => !isIdle(each)), admitted: new Map() };
  return known;
}
