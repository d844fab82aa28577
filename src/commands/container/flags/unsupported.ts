/** Flags of docker's that berth has not: each is refused with the reason, or means nothing here and is taken as docker takes it. */
import { EngineError } from "../../../../engine/errors.ts";
import type { FlagSpec } from "../../command.ts";
import { listOf, textOf } from "../../flag-values.ts";
import { badFlag, type FlagGroup } from "./draft.ts";

const reasons: Record<string, string> = {
  gpus: "could not select a device driver with the capability gpu; give the devices with --device",
  "storage-opt": "the size of an overlay cannot be limited without project quotas",
  "use-api-socket": "there is no daemon, and no socket to lend",
};

export const unsupported: FlagGroup = {
  flags: [
    ...Object.keys(reasons).map((name): FlagSpec => ({ name, type: "list", hidden: true, help: `Not supported: ${reasons[name]}` })),
    { name: "isolation", type: "string", hidden: true, help: "Isolation technology: only 'default' on Linux" },
    { name: "kernel-memory", type: "string", hidden: true, help: "Gone from docker and from Linux, --memory covers it: means nothing" },
    { name: "disable-content-trust", type: "boolean", hidden: true, help: "Images are not signed: means nothing" },
  ],
  apply(input) {
    for (const [name, reason] of Object.entries(reasons)) {
      if (listOf(input, name).length > 0)
        throw new EngineError("unsupported", `--${name} is not supported: ${reason}`, { hint: "leave the flag out" });
    }
    const isolation = textOf(input, "isolation") ?? "";
    if (!["", "default"].includes(isolation.toLowerCase()))
      throw badFlag("isolation", isolation, `Invalid isolation: "${isolation}" - linux only supports 'default'`);
  },
};
