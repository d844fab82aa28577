/** `berth registry rm`: tags and manifests removed from registries. */

import { type EngineError, toEngineError } from "../../../engine/errors.ts";
import type { Removed } from "../../../engine/registry/repositories/index.ts";
import { type CommandSpec, command, type Presentation } from "../command.ts";
import { combine } from "../container/each.ts";
import { isSet } from "../flag-values.ts";
import { insecureFlag } from "./flags.ts";
import { completeReferences } from "./names.ts";

const spec: CommandSpec<Removed[]> = command<Removed[]>({
  summary: "Remove tags or manifests from a registry",
  description:
    "A tag goes alone where the registry can do that. Where it cannot, and for a digest, the manifest goes with all tags that stand for it: when there are others, only with -f. Not every registry lets anything be removed, and what blobs nothing names any more is the registry's own affair.",
  examples: [
    { line: "berth registry rm localhost:5000/team/app:1.0", does: "Remove a tag" },
    {
      line: "berth registry rm -f localhost:5000/team/app@sha256:4355a46b19d348dc2f57c046f8ef63d4538ebb936000f3c9ee954a27460dd865",
      does: "Remove a manifest with all of its tags",
    },
  ],
  flags: [{ name: "force", short: "f", type: "boolean", help: "Remove other tags of the same manifest with it" }, insecureFlag],
  args: [{ name: "REFERENCE", variadic: true }],
  place: "anywhere",
  complete: completeReferences,
  async *run({ signal }, input) {
    const { removeRemote } = await import("../../../engine/registry/repositories/index.ts");
    const options = { force: isSet(input, "force"), insecure: isSet(input, "insecure"), signal };
    const removed: Removed[] = [];
    const failures: EngineError[] = [];
    // One after the other: with one manifest may go what is named next.
    for (const name of input.args) {
      try {
        const rows = await removeRemote(name, options);
        for (const value of rows) yield { type: "row", value };
        removed.push(...rows);
      } catch (error) {
        failures.push(toEngineError(error));
      }
    }
    if (failures.length > 0) throw combine(failures);
    return removed;
  },
  present: () => ({ kind: "none" }),
  presentRow: (row: Removed): Presentation => ({
    kind: "lines",
    lines: ["Untagged" in row ? `Untagged: ${row.Untagged}` : `Deleted: ${row.Deleted}`],
  }),
});

export default spec;
