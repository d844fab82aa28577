/** `berth registry copy`: images from one registry or repository to another, without coming here. */
import type { Copied } from "../../../engine/registry/repositories/index.ts";
import { type CommandSpec, command } from "../command.ts";
import { isSet, textOf } from "../flag-values.ts";
import { insecureFlag, platformFlag } from "./flags.ts";
import { completeReferences } from "./names.ts";

const spec: CommandSpec<Copied[]> = command<Copied[]>({
  summary: "Copy an image from one registry or repository to another",
  description:
    "Every byte stays what it is, so the digest does, and so do signatures; all platforms go, unless --platform names one. What the target has is not sent again, within one registry it is mounted, and what breaks off goes on where it was. Without a tag the target gets the source's. Nothing is kept here.",
  examples: [
    { line: "berth registry copy python:3.9 localhost:5000/mirror/python:3.9", does: "Copy an image with all of its platforms" },
    {
      line: "berth registry copy --referrers localhost:5000/team/app:1.0 localhost:5000/public/app:1.0",
      does: "Promote one with its signatures",
    },
    { line: "berth registry copy -a localhost:5000/team/app registry.example.org/team/app", does: "Copy every tag" },
  ],
  flags: [
    { name: "all-tags", short: "a", type: "boolean", help: "Copy every tag of the repository" },
    insecureFlag,
    platformFlag("Copy only the image for this platform"),
    { name: "quiet", short: "q", type: "boolean", help: "Print only digests" },
    { name: "referrers", type: "boolean", help: "Copy signatures, SBOMs and whatever else refers to it, too" },
  ],
  args: [{ name: "SOURCE" }, { name: "TARGET" }],
  place: "anywhere",
  complete: completeReferences,
  async *run({ signal }, input) {
    const { copyRemote } = await import("../../../engine/registry/repositories/index.ts");
    const [source = "", target = ""] = input.args;
    const copying = copyRemote(source, target, {
      allTags: isSet(input, "all-tags"),
      insecure: isSet(input, "insecure"),
      platform: textOf(input, "platform"),
      referrers: isSet(input, "referrers"),
      signal,
    });
    if (!isSet(input, "quiet")) return yield* copying;
    for (;;) {
      const { done, value } = await copying.next();
      if (done) return value;
      if (value.type === "warning") yield value;
    }
  },
  present: (copied, input) => (isSet(input, "quiet") ? { kind: "lines", lines: copied.map(({ Digest }) => Digest) } : { kind: "none" }),
});

export default spec;
