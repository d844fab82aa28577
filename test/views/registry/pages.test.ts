/** What the pages of a tag say of its signatures: whether one is there, and whether it holds. */
import { expect, test } from "vitest";
import type { JudgedDetails, Verification } from "../../../engine/trust/index.ts";
import { attachedOf, overviewOf } from "../../../views/registry/pages.ts";

const [digest, manifest] = [`sha256:${"a".repeat(64)}`, `sha256:${"b".repeat(64)}`];
const signature = { Kind: "signature", Digest: manifest, MediaType: "m", Size: 400 } as const;
const rule = 'the rule for "r/**" (/p.yaml:3)';

const finding = (by: string[], Problem = "") => ({
  ...{ Format: "bundle", Manifest: manifest, Attests: "", Annotations: {}, Identity: "", SignedBy: by, KeyId: "", Problem },
});
const verdict = (by: string[], isMet: boolean, Signatures: Verification["Signatures"] = []): Verification => ({
  ...{ Reference: "r/app", Digest: digest, Verified: isMet, SignedBy: by, Signatures },
  Policies: [{ Policy: "/p.yaml", Rule: rule, Satisfied: isMet, Asks: "" }],
});
const found = (isSigned: boolean, Verification?: Verification): JudgedDetails => ({
  ...{ Name: "r/app:1", Digest: digest, MediaType: "m", Size: 1, Referrers: isSigned ? [signature] : [] },
  ...(Verification && { Verification }),
});

test.each<[string, JudgedDetails, string]>([
  ["no policy", found(true), "yes, not verified"],
  ["nothing at all", found(false), "no"],
  ["a policy's key", found(true, verdict(["release"], true)), "yes, by release"],
  ["another's", found(true, verdict([], false)), `yes, but not as ${rule} asks`],
  ["none, and one is asked for", found(false, verdict([], false)), `no, though ${rule} asks for it`],
  ["one that nobody asks for", found(true, verdict([], true)), "yes, not verified: the policies ask for no signature"],
])("%s", (_, details, text) => {
  const [facts] = overviewOf(details);
  expect(facts).toMatchObject({ kind: "pairs", rows: expect.arrayContaining([["Signed", text]]) });
});

test("each that refers to it says what it is worth", () => {
  const rows = (details: JudgedDetails) => attachedOf(details).flatMap((section) => (section.kind === "table" ? section.rows : []));
  expect(rows(found(true))[0]).not.toHaveProperty("holds");
  expect(rows(found(true, verdict(["release"], true, [finding(["release"])])))).toMatchObject([{ holds: "by release" }]);
  const others = verdict([], false, [finding([], "none of the keys made it")]);
  expect(rows(found(true, others))).toMatchObject([{ holds: "none of the keys made it" }]);
});
