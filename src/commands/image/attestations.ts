/** `berth image attestations`: what is attested of an image. */
import type { Attestation } from "../../../engine/index.ts";
import { type Column, type CommandSpec, command } from "../command.ts";
import { isSet, textOf } from "../flag-values.ts";

const spec: CommandSpec<Attestation[]> = command({
  summary: "List what is attested of an image",
  description:
    "Attestations lie beside the image in its index (KEPT index, as builders write them) or in manifests that refer to it (referrer, as 'image attest' and cosign do). SIGNED says that there is a signature, not whose.",
  examples: [
    { line: "berth image attestations app", does: "List them" },
    { line: "berth image attestations --json app", does: "The same as JSON lines" },
  ],
  flags: [
    { name: "format", type: "string", placeholder: "TEMPLATE", help: "Format with a Go template, 'table TEMPLATE' or 'json'" },
    { name: "platform", type: "string", placeholder: "OS/ARCH[/VARIANT]", help: "Only those of the image for this platform" },
    { name: "quiet", short: "q", type: "boolean", help: "Print digests only" },
  ],
  args: [{ name: "IMAGE", subject: "image" }],
  async *run({ engine }, input) {
    const platform = textOf(input, "platform");
    return engine.images.attestations(input.args[0] ?? "", platform ? { platform } : {});
  },
  present(rows, input) {
    const format = textOf(input, "format");
    return { kind: "table", columns, rows, quiet: isSet(input, "quiet"), key: "Digest", ...(format !== undefined && { format }) };
  },
});

const platformOf = ({ Platform }: Attestation) =>
  Platform ? [Platform.os, Platform.architecture, Platform.variant].filter(Boolean).join("/") : "";

const columns: Column<Attestation>[] = [
  { header: "DIGEST", field: "Digest", value: ({ Digest, Manifest }) => (Digest || Manifest).slice(0, "sha256:".length + 12) },
  { header: "PREDICATE TYPE", field: "PredicateType", value: ({ PredicateType, IsHere }) => PredicateType || (IsHere ? "" : "(not here)") },
  { header: "PLATFORM", field: "Platform", value: platformOf },
  { header: "KEPT", field: "Kept", value: ({ Kept }) => Kept },
  { header: "SIGNED", field: "IsSigned", value: ({ IsSigned }) => (IsSigned ? "yes" : "no") },
];

export default spec;
