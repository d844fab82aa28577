/** `berth image attest`: state something of an image. */
import { EngineError } from "../../../engine/errors.ts";
import type { SignStatement } from "../../../engine/index.ts";
import { type CommandSpec, type Context, command, type Io } from "../command.ts";
import { textOf } from "../flag-values.ts";
import { keyPassword, readText } from "../trust/key-files.ts";
import { openInput } from "./input-file.ts";

const spec: CommandSpec<{ Digest: string; Manifest: string }> = command({
  summary: "Attest something of an image",
  description:
    "The statement is kept as a manifest that refers to the image's own (OCI 1.1), so that the image keeps its digest: to what the name stands for, or with --platform to one image of an index; a push, a save and a load take it along. An image that was built here and never pushed gets its manifest for it. Prints the digest of the manifest that holds the statement.",
  examples: [
    {
      line: "berth image attest --key release.key --predicate tests.json --type https://example.com/tests/v1 app",
      does: "The same, signed: after a push 'berth verify --attestation' and 'cosign verify-attestation' find it",
    },
    {
      line: "berth image attest --predicate tests.json --type https://example.com/tests/v1 app",
      does: "State that tests passed, in a form of your own",
    },
    { line: "berth image attest --predicate bill.spdx.json --type spdx app", does: "Attach a bill of materials that another tool made" },
  ],
  flags: [
    {
      name: "predicate",
      type: "string",
      placeholder: "FILE",
      subject: "file",
      help: "What is stated: a JSON document ('-' is standard input)",
    },
    {
      name: "type",
      type: "string",
      placeholder: "TYPE",
      default: "custom",
      suggestions: ["spdx", "cyclonedx", "slsaprovenance1", "slsaprovenance", "vuln", "openvex", "custom"],
      help: "What kind of statement it is: a URI, or a short name of cosign's",
    },
    {
      name: "key",
      short: "k",
      type: "string",
      placeholder: "FILE",
      subject: "file",
      help: "Sign it with this private key, as cosign 3 does",
    },
    {
      name: "platform",
      type: "string",
      placeholder: "OS/ARCH[/VARIANT]",
      help: "State it of the image for this platform, instead of all that the name stands for",
    },
  ],
  args: [{ name: "IMAGE", subject: "image" }],
  async *run(context, input) {
    const { engine, io, signal } = context;
    const file = textOf(input, "predicate");
    if (file === undefined) throw new EngineError("usage", "cannot attest nothing: --predicate is missing");
    const predicateType = textOf(input, "type") ?? "custom";
    const predicate = await readPredicate(io, file);
    const platform = textOf(input, "platform");
    const key = textOf(input, "key");
    const sign = key === undefined ? undefined : await signerOf(context, key);
    return engine.images.attest(input.args[0] ?? "", {
      predicateType,
      predicate,
      signal,
      ...(platform && { platform }),
      ...(sign && { sign }),
    });
  },
  present: ({ Manifest }) => ({ kind: "lines", lines: [Manifest] }),
});

async function signerOf(context: Context, file: string): Promise<SignStatement> {
  const { readSigner, signStatement } = await import("../../../engine/trust/index.ts");
  const signer = await readSigner(readText(context, file), file, () => keyPassword(context, { name: file }));
  return (statement) => signStatement(statement, signer);
}

/** A bill of materials of everything there is fits in. Bytes. */
const limit = 64 << 20;

/** @throws EngineError `invalid` for what is no JSON */
async function readPredicate(io: Io, file: string): Promise<unknown> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of await openInput(io, file, "attest")) {
    parts.push(Buffer.from(part as Uint8Array));
    size += parts.at(-1)!.length;
    if (size > limit) throw new EngineError("invalid", `cannot attest "${file}": it is larger than 64 MB`);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString("utf8"));
  } catch (cause) {
    throw new EngineError("invalid", `cannot attest "${file}": it is no JSON`, { cause, hint: "a predicate is a JSON document" });
  }
}

export default spec;
