/** Whatever stands where a signature should: it is told of, and counts for nothing. */
import { expect, test } from "vitest";
import { parseCertificate } from "../../../engine/trust/certificates.ts";
import { extensionsOf } from "../../../engine/trust/der.ts";
import { type Evidence, evidenceOf } from "../../../engine/trust/evidence.ts";
import { judge } from "../../../engine/trust/judge.ts";
import fc from "../../support/property.ts";
import { digestOf } from "../registry/server/scene.ts";
import { authority, carrierOf, keyAnchor, madeBy, textOf, vectors, wanted } from "./scene.ts";

const everybody = wanted([keyAnchor("cosign2.pub"), keyAnchor("cosign3.pub"), authority()]);
const now = new Date("2027-01-01");
const judged = (evidence: Evidence[]) => judge(everybody, evidence, [vectors.digest], now);

/** JSON that looks like what is meant: names that are looked at, values of all kinds. */
const names = [
  "payload",
  "payloadType",
  "signatures",
  "sig",
  "mediaType",
  "verificationMaterial",
  "dsseEnvelope",
  "certificate",
  "rawBytes",
  "header",
  "x5c",
  "protected",
  "signature",
  "critical",
  "image",
  "optional",
  "subject",
  "layers",
  "config",
  "digest",
  "size",
  "annotations",
];
const { tree } = fc.letrec<{ tree: unknown; leaf: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5 },
    tie("leaf"),
    fc.array(tie("tree"), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...names), tie("tree"), { maxKeys: 6 }),
  ),
  leaf: fc.oneof(
    fc.string(),
    fc.integer(),
    fc.constant(null),
    fc.boolean(),
    fc.constant("application/vnd.dev.sigstore.bundle.v0.3+json"),
    fc.base64String(),
  ),
}));
const texts = fc.oneof(
  fc.string(),
  tree.map((value) => JSON.stringify(value) ?? ""),
);

test("bundles, envelopes, payloads, JWS", async () => {
  await fc.assert(
    fc.asyncProperty(texts, async (text) => {
      const place = digestOf(text);
      const { isSatisfied, findings } = await judged([
        { format: "bundle", place, text },
        { format: "dsse", place, text },
        { format: "notation", place, text },
        { format: "simple", place, payload: Buffer.from(text), signature: text, certificates: text },
      ]);
      expect([isSatisfied, findings.map(({ problem }) => typeof problem)]).toEqual([false, Array(4).fill("string")]);
    }),
  );
});

test("parts of real ones in places where they do not belong", async () => {
  const real = ["cosign 3.1.1, sign", "cosign 2.5.0, attest", "notation 1.3.2, sign"].flatMap((tool) =>
    madeBy(tool).map((each) => ("text" in each ? each.text : "")),
  );
  for (const text of real) {
    const whole = JSON.parse(text) as Record<string, unknown>;
    // Which key it was is a hint, and not signed.
    for (const name of Object.keys(whole).filter((each) => each !== "verificationMaterial"))
      for (const value of [undefined, null, "", [], {}, 1, "\0", [[]], text]) {
        const changed = JSON.stringify({ ...whole, [name]: value });
        const { findings } = await judged(
          (["bundle", "dsse", "notation"] as const).map((format) => ({ format, place: "", text: changed })),
        );
        for (const { problem } of findings) expect(typeof problem).toBe("string");
      }
  }
});

test("manifests that should hold signatures", () => {
  fc.assert(
    fc.property(texts, (manifest) => {
      const found = evidenceOf(carrierOf({ manifest, blobs: {} }));
      expect(found.every((each) => "problem" in each)).toBe(true);
    }),
  );
});

test("a bomb of depth is no signature", async () => {
  const deep = "[".repeat(200_000) + "]".repeat(200_000);
  const { isSatisfied } = await judged([
    { format: "bundle", place: "", text: deep },
    { format: "notation", place: "", text: `{"payload":${deep}}` },
  ]);
  expect(isSatisfied).toBe(false);
});

test("certificates with a byte changed are read, or are none", () => {
  const whole = parseCertificate(Buffer.from(textOf("leaf.crt").replace(/-----[^-]+-----|\s/g, ""), "base64"))!.raw;
  for (let at = 0; at < whole.length; at++) {
    const changed = Buffer.from(whole);
    changed[at]! ^= 0xff;
    const certificate = parseCertificate(changed);
    try {
      if (certificate) extensionsOf(certificate.raw);
      extensionsOf(changed);
    } catch (error) {
      expect(error === null || error instanceof RangeError || error instanceof TypeError).toBe(true);
    }
  }
});
