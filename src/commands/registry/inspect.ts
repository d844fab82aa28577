/** `berth registry inspect`: all that a registry says of a name, without fetching the image. */
import { EngineError } from "../../../engine/errors.ts";
import { type CommandSpec, command } from "../command.ts";
import { isSet, textOf } from "../flag-values.ts";
import { asInspected, formatFlag, inspectEach } from "../inspect-each.ts";
import { requirementOf } from "../trust/requirement.ts";
import { insecureFlag, keyFlag, platformFlag } from "./flags.ts";
import { completeReferences } from "./names.ts";

const spec: CommandSpec<unknown[] | undefined> = command<unknown[] | undefined>({
  summary: "Show what a registry has under a name, without fetching it",
  description:
    "The manifest or index with its platforms and annotations; configuration and layers of the image for this host's platform, or the one that is asked for; and what is attached to it: signatures, SBOMs, attestations, by the registry's referrers and under cosign's tags. Whether the signatures hold is told by the keys that are given, else by this host's policies. With --raw the manifest's exact bytes.",
  examples: [
    { line: "berth registry inspect localhost:5000/team/app:1.0", does: "Show everything as JSON" },
    { line: "berth registry inspect -f '{{.Digest}}' python:3.9", does: "Print what a tag stands for now" },
    { line: "berth registry inspect --key release.pub -f '{{.Verification.Verified}}' localhost:5000/team/app:1.0", does: "Is it signed?" },
    { line: "berth registry inspect --raw --platform linux/arm64 python:3.9", does: "Print the manifest for another machine as it is" },
  ],
  flags: [
    formatFlag,
    insecureFlag,
    keyFlag,
    platformFlag("Of an index show the image for this platform"),
    { name: "raw", type: "boolean", help: "Print the exact bytes of the manifest or index" },
  ],
  args: [{ name: "REFERENCE", variadic: true }],
  place: "anywhere",
  complete: completeReferences,
  async *run(context, input) {
    const options = { platform: textOf(input, "platform"), insecure: isSet(input, "insecure"), signal: context.signal };
    const [first = "", ...others] = input.args;
    if (!isSet(input, "raw")) {
      const { inspectJudged } = await import("../../../engine/trust/index.ts");
      const wanted = await requirementOf(context, input);
      return yield* inspectEach<unknown>(input.args, (name) => inspectJudged(name, options, wanted));
    }
    const { rawManifest } = await import("../../../engine/registry/repositories/index.ts");
    if (others.length > 0) throw new EngineError("usage", "--raw prints one manifest, and several are named");
    const { text } = await rawManifest(first, options);
    yield { type: "output", stream: "stdout", data: Buffer.from(text) };
    return undefined;
  },
  present: (found, input) => (found ? asInspected.present(found, input) : { kind: "none" }),
  presentRow: asInspected.presentRow,
});

export default spec;
