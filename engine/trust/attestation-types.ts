/** Short names of attestations, for their predicate types (in-toto, "Predicate types"; cosign's `--type`). Pure. */

const named: Readonly<Record<string, readonly string[]>> = {
  provenance: ["https://slsa.dev/provenance/v1", "https://slsa.dev/provenance/v0.2"],
  spdx: ["https://spdx.dev/Document", "https://spdx.dev/Document/v2.3"],
  cyclonedx: [
    "https://cyclonedx.org/bom",
    "https://cyclonedx.org/bom/v1.4",
    "https://cyclonedx.org/bom/v1.5",
    "https://cyclonedx.org/bom/v1.6",
  ],
  vuln: ["https://cosign.sigstore.dev/attestation/vuln/v1", "https://in-toto.io/attestation/vulns/v0.1"],
};

/** The predicate types that a word stands for, any of which will do: a short name, or a type itself. */
export function attestationTypes(word: string): readonly string[] {
  return Object.hasOwn(named, word) ? named[word]! : [word];
}
