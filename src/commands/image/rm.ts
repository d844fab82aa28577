/** `berth rmi`: remove images. */
import { EngineError, toEngineError } from "../../../engine/errors.ts";
import type { ImageDeleteRow } from "../../../engine/index.ts";
import { type CommandSpec, command, type Presentation } from "../command.ts";
import { isSet } from "../flag-values.ts";

const spec: CommandSpec<ImageDeleteRow[]> = command({
  summary: "Remove one or more images",
  description:
    "A name is taken away; with its last name the image goes, and with it the layers that no other image has. An image that a container uses stays.",
  examples: [
    { line: "berth rmi app:1.0", does: "Remove a name, and the image if it was the last" },
    { line: "berth rmi -f 0f1e2d3c4b5a", does: "Remove an image with all its names" },
  ],
  flags: [
    {
      name: "force",
      short: "f",
      type: "boolean",
      help: "Remove all names of an image, and do not mind a missing image or stopped containers",
    },
    { name: "no-prune", type: "boolean", help: "Keep untagged parents" },
  ],
  args: [{ name: "IMAGE", variadic: true, subject: "image" }],
  async *run({ engine }, input) {
    const force = isSet(input, "force");
    const removed: ImageDeleteRow[] = [];
    const failures: EngineError[] = [];
    // One after the other: the removal of one image decides what the next may remove.
    for (const name of input.args) {
      try {
        const rows = await engine.images.remove(name, { force, noPrune: isSet(input, "no-prune") });
        for (const value of rows) yield { type: "row", value };
        removed.push(...rows);
      } catch (error) {
        const failure = toEngineError(error);
        if (force && failure.code === "not-found") yield { type: "message", text: `berth: ${failure.message}` };
        else failures.push(failure);
      }
    }
    const [first] = failures;
    if (first)
      throw new EngineError(first.code, failures.map(({ message }) => message).join("\nberth: "), {
        cause: first,
        hint: first.hint,
        exit: first.exit,
      });
    return removed;
  },
  present: () => ({ kind: "none" }),
  presentRow: (row: ImageDeleteRow): Presentation => ({
    kind: "lines",
    lines: [row.Untagged ? `Untagged: ${row.Untagged}` : `Deleted: ${row.Deleted}`],
  }),
});

export default spec;
