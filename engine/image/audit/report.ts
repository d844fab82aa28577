/** `image security`: what can be checked of any image, and what its labels say that its containers begin with. */
import { isExcepted, parseExceptions } from "../../dockerfile/directive-values.ts";
import { securityLabelsIn } from "../../dockerfile/security-label-names.ts";
import { EngineError } from "../../errors.ts";
import type { Ground } from "../../state/ground.ts";
import { parseConfig, requireImage } from "../store/index.ts";
import type { ImageSecurity, SecurityCheck, SecurityFinding, SecurityOptions } from "../types.ts";
import { audit } from "./audit.ts";

const allChecks: readonly SecurityCheck[] = ["user", "setuid", "secrets", "shell"];

/** @throws EngineError `not-found`, `ambiguous`, `corrupt` */
export async function imageSecurity(ground: Ground, ref: string, options: SecurityOptions = {}): Promise<ImageSecurity> {
  const { checks = allChecks, except = [], signal } = options;
  const exceptions = parseExceptions(except.map((path) => `except=${path}`).join(" "), refuse) ?? { except: [] };
  const { image } = requireImage(ground, ref);
  const { config = {}, history = [] } = parseConfig(image);
  const found = await audit(ground, { config, history, chainId: image.chain_id }, checks, signal);
  const counts = (finding: SecurityFinding) => finding.Path === undefined || !isExcepted(exceptions, finding.Path);
  const makers = history.filter((entry) => !entry.empty_layer);
  const maker = ({ Layer, History }: SecurityFinding) => (History ? history[History - 1] : Layer ? makers[Layer - 1] : undefined);
  return {
    Id: image.id,
    User: config.User ?? "",
    Defaults: securityLabelsIn(config.Labels),
    Checks: checks.map((check) => {
      const own = found.filter((finding) => finding.Check === check && counts(finding));
      return {
        Check: check,
        Passed: own.length === 0,
        // Where the words of an instruction are the secret, they are not shown.
        Findings: own.map((finding) => ({ ...finding, CreatedBy: finding.Path === undefined ? "" : (maker(finding)?.created_by ?? "") })),
      };
    }),
  };
}

function refuse(why: string): never {
  throw new EngineError("invalid", `cannot pass over files: ${why}`, { hint: "name absolute paths, such as /usr/bin/*" });
}
