/** Flags that say whose signatures count: keys, certificates, how many, and what they have to say. */
import { EngineError } from "../../../engine/errors.ts";
import type { Anchor, Requirement } from "../../../engine/trust/index.ts";
import type { Context, Input } from "../command.ts";
import { listOf, numberOf, pairsOf, textOf } from "../flag-values.ts";
import { readText } from "./key-files.ts";

/** @returns undefined where no key and no certificate is given: then policies say whose signatures count */
export async function requirementOf(context: Context, input: Input): Promise<Requirement | undefined> {
  if (listOf(input, "key").length + listOf(input, "certificate").length === 0) return undefined;
  const { attestationTypes, readCertificates, readPublicKey } = await import("../../../engine/trust/index.ts");
  const identities = listOf(input, "identity");
  const keys = listOf(input, "key").map((name): Anchor => ({ name, kind: "key", key: readPublicKey(readText(context, name), name) }));
  const authorities = listOf(input, "certificate").map(
    (name): Anchor => ({ name, kind: "authority", certificates: readCertificates(readText(context, name), name), identities }),
  );
  const anchors = [...keys, ...authorities];
  const atLeast = numberOf(input, "at-least") ?? 1;
  if (!(Number.isInteger(atLeast) && atLeast >= 1 && atLeast <= anchors.length))
    throw new EngineError("usage", `cannot ask for ${atLeast} of ${anchors.length} signers`, { exit: 1 });
  const attestation = textOf(input, "attestation");
  return {
    anchors,
    atLeast,
    annotations: pairsOf(listOf(input, "annotations")),
    ...(attestation && { attestation: attestationTypes(attestation) }),
  };
}
