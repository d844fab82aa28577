/** `berth verify`: which signatures an image has, and whether those that are asked for are among them. */
import { EngineError } from "../../../engine/errors.ts";
import type { Verification } from "../../../engine/trust/index.ts";
import { type CommandSpec, command } from "../command.ts";
import { isSet, textOf } from "../flag-values.ts";
import { requirementOf } from "./requirement.ts";

const spec: CommandSpec<Verification> = command<Verification>({
  summary: "Verify the signatures of an image in its registry",
  description:
    "Looks for signatures of cosign (its tag, and bundles) and of notation, tells of each who made it or why it does not count, and ends with 77 when none counts. Without a key or a certificate it goes by this host's policies, and tells which rule holds. A certificate has to be valid now; public logs are not asked.",
  examples: [
    { line: "berth verify --key release.pub localhost:5000/team/app:1", does: "Is it signed by that key?" },
    { line: "berth verify --key a.pub --key b.pub --key c.pub --at-least 2 localhost:5000/team/app:1", does: "By two of three keys?" },
    {
      line: "berth verify --certificate ca.pem --identity 'CN=Release,*' localhost:5000/team/app:1",
      does: "By whom that authority gave a certificate?",
    },
    { line: "berth verify --key release.pub --attestation provenance localhost:5000/team/app:1", does: "Is there a signed provenance?" },
  ],
  flags: [
    { name: "annotations", short: "a", type: "list", placeholder: "NAME=VALUE", help: "What a signature has to say" },
    { name: "at-least", type: "number", placeholder: "COUNT", default: 1, help: "How many of the keys have to have signed" },
    {
      name: "attestation",
      type: "string",
      placeholder: "TYPE",
      help: "An attestation of this type instead: provenance, spdx, cyclonedx, vuln, or its URI",
    },
    { name: "certificate", type: "list", placeholder: "FILE", help: "Certificates of an authority, or of the signer", subject: "file" },
    { name: "format", short: "f", type: "string", placeholder: "FORMAT", help: "'json' or a Go template" },
    {
      name: "identity",
      type: "list",
      placeholder: "NAME",
      help: "Whose certificate it has to be: subject, URI or mail address; * is any text",
    },
    { name: "insecure", type: "boolean", help: "Allow plain HTTP and unknown certificates" },
    { name: "key", short: "k", type: "list", placeholder: "FILE", help: "A public key", subject: "file" },
  ],
  args: [{ name: "NAME[:TAG|@DIGEST]", subject: "image" }],
  place: "anywhere",
  async *run(context, input) {
    const { verifyByPolicies, verifyImage } = await import("../../../engine/trust/index.ts");
    const [ref = ""] = input.args;
    const access = { insecure: isSet(input, "insecure"), signal: context.signal };
    const wanted = await requirementOf(context, input);
    const found = wanted ? await verifyImage(ref, wanted, access) : await verifyByPolicies(ref, access);
    if (found) return found;
    throw new EngineError("usage", "nothing to verify with: there is no policy, and no --key or --certificate", { exit: 1 });
  },
  present: (found, input) => {
    const format = textOf(input, "format");
    return format === undefined ? { kind: "lines", lines: describe(found) } : { kind: "json", values: [found], format };
  },
  exitStatus: ({ Verified }) => (Verified ? 0 : 77),
});

const formatNames: Readonly<Record<string, string>> = {
  simple: "cosign's tag",
  bundle: "bundle",
  dsse: "cosign's attestation",
  notation: "notation",
};

function describe({ Reference, Digest, Verified, SignedBy, Signatures, Policies = [] }: Verification): string[] {
  const shown = Signatures.map(({ Format, Manifest, Attests, Annotations, SignedBy: by, Problem }) => {
    const said = Object.entries(Annotations).map(([name, value]) => `${name}=${value}`);
    const what = `${Attests || "signature"} (${formatNames[Format] ?? Format}, ${Manifest.slice(0, 19)})`;
    const claims = said.length > 0 ? `; it says ${said.join(", ")}` : "";
    return Problem ? `  does not count: ${what}: ${Problem}` : `  counts: ${what} by ${by.join(", ")}${claims}`;
  });
  return [
    `${Reference} is ${Digest}`,
    ...(shown.length > 0 ? shown : ["  there is no signature of it"]),
    ...Policies.map(({ Rule, Asks, Satisfied }) => `  ${Rule}: ${Asks}: ${Satisfied ? "satisfied" : "not satisfied"}`),
    Verified ? `Verified${SignedBy.length > 0 ? `: signed by ${SignedBy.join(", ")}` : ""}` : "Not verified",
  ];
}

export default spec;
