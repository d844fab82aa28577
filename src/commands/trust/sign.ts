/** `berth sign`: sign what a reference stands for in its registry. */
import { EngineError } from "../../../engine/errors.ts";
import { nearest } from "../../../engine/suggest.ts";
import type { SignedImage, SigningFormat } from "../../../engine/trust/index.ts";
import { type CommandSpec, command, type Input } from "../command.ts";
import { isSet, listOf, pairsOf, textOf } from "../flag-values.ts";
import { keyPassword, readText } from "./key-files.ts";

const formats = ["bundle", "simple", "notation"] as const;

const spec: CommandSpec<SignedImage> = command<SignedImage>({
  summary: "Sign an image, or anything else, in its registry",
  description:
    "Signs the digest that the reference stands for now; the tag may move on. cosign verifies it, too: 'bundle' is how cosign 3 signs, 'simple' how all of its versions did and what skopeo and podman read, 'notation' is the Notary Project's, which takes the signer's certificate. Signatures are added to those that are there. Nothing is sent to a public log, and no identity is taken from one (cosign's keyless signing).",
  examples: [
    { line: "berth sign --key release.key localhost:5000/team/app:1", does: "Sign what the tag stands for, asking for the key's password" },
    {
      line: "berth sign --key release.key --format simple --format bundle -a commit=4f2a localhost:5000/team/app:1",
      does: "Sign for old and new versions of cosign, with an annotation",
    },
    { line: "berth sign --key notary.key --format notation --certificate chain.pem localhost:5000/team/app:1", does: "Sign for notation" },
  ],
  flags: [
    { name: "annotations", short: "a", type: "list", placeholder: "NAME=VALUE", help: "What the signature says beside the digest" },
    {
      name: "certificate",
      type: "list",
      placeholder: "FILE",
      help: "The signer's certificate, then those that issued it (for notation)",
      subject: "file",
    },
    {
      name: "format",
      type: "list",
      placeholder: "FORMAT",
      help: "How: bundle, simple or notation; each that is given (default bundle)",
      suggestions: formats,
    },
    { name: "insecure", type: "boolean", help: "Allow plain HTTP and unknown certificates" },
    { name: "key", short: "k", type: "string", placeholder: "FILE", default: "berth.key", help: "The private key", subject: "file" },
    { name: "recursive", short: "r", type: "boolean", help: "Sign each platform of a multi-platform image, too" },
  ],
  args: [{ name: "NAME[:TAG|@DIGEST]", subject: "image" }],
  place: "anywhere",
  async *run(context, input) {
    const { readCertificates, readSigner, signImage } = await import("../../../engine/trust/index.ts");
    const wanted = formatsOf(input);
    const file = textOf(input, "key") ?? "berth.key";
    const certificates = listOf(input, "certificate").flatMap((each) => readCertificates(readText(context, each), each));
    const signer = await readSigner(readText(context, file), file, () => keyPassword(context, { name: file }));
    return yield* signImage(input.args[0] ?? "", {
      ...{ signer, certificates, formats: wanted, annotations: pairsOf(listOf(input, "annotations")) },
      ...{ recursive: isSet(input, "recursive"), insecure: isSet(input, "insecure"), signal: context.signal },
    });
  },
  present: ({ Reference }) => ({ kind: "lines", lines: [Reference] }),
});

function formatsOf(input: Input): SigningFormat[] {
  const given = listOf(input, "format");
  if (given.length === 0) return ["bundle"];
  return given.map((word) => {
    const format = formats.find((each) => each === word);
    if (format) return format;
    throw new EngineError("usage", `cannot sign in the format "${word}": there are ${formats.join(", ")}`, {
      exit: 1,
      suggestion: nearest(word, formats),
    });
  });
}

export default spec;
