/** The short names of types of predicates. Pure. */
import { EngineError } from "../errors.ts";
import { predicateTypes } from "./statement.ts";

/** Short names that `--type` takes for types of predicates: cosign's. */
const shortTypes: Readonly<Record<string, string>> = {
  spdx: predicateTypes.spdx,
  spdxjson: predicateTypes.spdx,
  cyclonedx: predicateTypes.cyclonedx,
  slsaprovenance: predicateTypes.slsa02,
  slsaprovenance02: predicateTypes.slsa02,
  slsaprovenance1: predicateTypes.slsa1,
  vuln: "https://cosign.sigstore.dev/attestation/vuln/v1",
  openvex: "https://openvex.dev/ns",
  custom: "https://cosign.sigstore.dev/attestation/v1",
};

/** @throws EngineError `usage` for what is neither a short name nor a URI */
export function predicateTypeOf(word: string): string {
  const known = Object.hasOwn(shortTypes, word) ? shortTypes[word] : undefined;
  if (known) return known;
  if (/^[a-z][a-z0-9+.-]*:\S+$/i.test(word)) return word;
  throw new EngineError("usage", `invalid type of an attestation "${word}"`, {
    hint: `write a URI, or one of ${Object.keys(shortTypes).join(", ")}`,
  });
}
