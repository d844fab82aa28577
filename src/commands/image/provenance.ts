/** `berth image provenance`: how an image was made, as its builder attests it. */
import { EngineError } from "../../../engine/errors.ts";
import type { Attestation } from "../../../engine/index.ts";
import { type CommandSpec, command } from "../command.ts";
import { textOf } from "../flag-values.ts";

const types = ["https://slsa.dev/provenance/v1", "https://slsa.dev/provenance/v0.2"];

const spec: CommandSpec<Attestation[]> = command({
  summary: "Show how an image was made, as its builder attests it",
  description:
    "Prints the SLSA provenance that 'build --provenance', or another builder, put beside the image; one JSON document for each platform.",
  examples: [{ line: "berth image provenance app", does: "Print the provenance of a build" }],
  flags: [
    {
      name: "platform",
      type: "string",
      placeholder: "OS/ARCH[/VARIANT]",
      help: "Of a multi-platform image take the one for this platform",
    },
  ],
  args: [{ name: "IMAGE", subject: "image" }],
  async *run({ engine }, input) {
    const [name = ""] = input.args;
    const platform = textOf(input, "platform");
    const all = await engine.images.attestations(name, { statements: true, ...(platform && { platform }) });
    const found = all.filter(({ PredicateType, Statement }) => Statement && types.includes(PredicateType));
    if (found.length > 0) return found;
    throw new EngineError("not-found", `no provenance of image "${name}" is here`, {
      hint: all.some(({ IsHere }) => !IsHere)
        ? "its index names attestations: fetch them with 'berth pull --all-platforms'"
        : "a build attests it with --provenance=mode=min or max",
    });
  },
  present: (found) => ({ kind: "text", text: found.map(({ Statement }) => `${JSON.stringify(Statement?.predicate, null, 2)}\n`).join("") }),
});

export default spec;
