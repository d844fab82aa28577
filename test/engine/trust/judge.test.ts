/** What others' signatures are worth: cosign 2.5.0's, cosign 3.1.1's, notation 1.3.2's, whole and changed. */
import { describe, expect, test } from "vitest";
import { attestationTypes } from "../../../engine/trust/attestation-types.ts";
import { readCertificates } from "../../../engine/trust/certificates.ts";
import { type Evidence, evidenceOf } from "../../../engine/trust/evidence.ts";
import { judge } from "../../../engine/trust/judge.ts";
import { authority, carrierOf, keyAnchor, madeBy, textOf, vectors, wanted } from "./scene.ts";

const { digest } = vectors;
const now = new Date("2027-01-01");
const other = `sha256:${"0".repeat(64)}`;
const all = vectors.carriers.flatMap((each) => evidenceOf(carrierOf(each)));
const problems = async (
  evidence: Evidence[],
  ...[requirement, digests = [digest], at = now]: [Parameters<typeof judge>[0], string[]?, Date?]
) => (await judge(requirement, evidence, digests, at)).findings.map(({ problem }) => problem);

describe("what others signed", () => {
  test.each([
    ["cosign 2.5.0, sign", "cosign2.pub", "cosign2"],
    ["cosign 2.5.0, sign", "ed.pub", "ed"],
    ["cosign 2.5.0, sign", "rsa.pub", "rsa"],
    ["cosign 2.5.0, sign", "p384.pub", "p384"],
    ["cosign 3.1.1, sign", "cosign3.pub", "cosign3"],
    ["cosign 3.1.1, sign", "ed.pub", "ed"],
    ["cosign 3.1.1, sign", "rsa.pub", "rsa"],
    ["cosign 3.1.1, sign", "p384.pub", "p384"],
  ])("%s with %s", async (tool, key, by) => {
    const { isSatisfied, by: signers, findings } = await judge(wanted([keyAnchor(key)]), madeBy(tool), [digest], now);
    expect([isSatisfied, signers]).toEqual([true, [key]]);
    const counting = findings.filter(({ problem }) => problem === undefined);
    expect(counting.map(({ annotations, attests }) => [annotations, attests])).toEqual([[{ by }, ""]]);
    expect(findings.filter(({ problem }) => problem).every(({ problem }) => problem === "none of the keys made it")).toBe(true);
  });

  test("notation, by its certificate's authority", async () => {
    const made = madeBy("notation 1.3.2, sign");
    const { isSatisfied, findings } = await judge(wanted([authority()]), made, [digest], now);
    expect([isSatisfied, findings[0]!.annotations]).toEqual([true, { by: "notation" }]);
    expect(await problems(made, wanted([authority("CN=Release,*", "nobody")]))).toEqual([undefined]);
    expect(await problems(made, wanted([authority("https://ci.berth.test/*")]))).toEqual([undefined]);
    expect(await problems(made, wanted([authority("release@berth.test")]))).toEqual([undefined]);
    expect(await problems(made, wanted([authority("CN=Somebody,*", "https://ci.berth.test/")]))).toEqual([
      'its certificate is of "CN=Release,O=Berth Test,C=DE", "release@berth.test", "https://ci.berth.test/release", who is not meant',
    ]);
    const pinned = readCertificates(textOf("leaf.crt"), "leaf.crt");
    expect(await problems(made, wanted([{ name: "leaf", kind: "authority", certificates: pinned, identities: [] }]))).toEqual([undefined]);
    expect(await problems(made, wanted([keyAnchor("cosign2.pub")]))).toEqual([
      'it is of the certificate "CN=Release,O=Berth Test,C=DE", which nothing trusts',
    ]);
  });

  test.each([
    ["cosign 2.5.0, attest", "cosign2.pub"],
    ["cosign 3.1.1, attest", "cosign3.pub"],
  ])("%s: no signature, but an attestation of its type", async (tool, key) => {
    const anchors = [keyAnchor(key)];
    expect(await problems(madeBy(tool), wanted(anchors))).toEqual(["it is an attestation (https://slsa.dev/provenance/v1), no signature"]);
    expect(await problems(madeBy(tool), wanted(anchors, { attestation: attestationTypes("provenance") }))).toEqual([undefined]);
    expect(await problems(madeBy(tool), wanted(anchors, { attestation: attestationTypes("spdx") }))).toEqual([
      "it attests something else: https://slsa.dev/provenance/v1",
    ]);
    expect(
      (await judge(wanted([keyAnchor("rsa.pub")], { attestation: attestationTypes("provenance") }), madeBy(tool), [digest], now))
        .isSatisfied,
    ).toBe(false);
  });
});

describe("what does not count", () => {
  const everybody = [...["cosign2.pub", "cosign3.pub", "ed.pub", "rsa.pub", "p384.pub"].map(keyAnchor), authority()];

  test("any of them for another digest", async () => {
    const found = await problems(all, wanted(everybody), [other]);
    expect(found).toHaveLength(all.length);
    for (const problem of found) expect(problem).toMatch(/^it is (of sha256:51855|an attestation)/);
  });

  test("any of them with a byte changed, anywhere", async () => {
    const tried = ["cosign 3.1.1, sign", "cosign 2.5.0, attest", "notation 1.3.2, sign"].map((tool) => madeBy(tool)[0]!);
    const everybody = [keyAnchor("cosign3.pub"), keyAnchor("cosign2.pub"), authority()];
    for (const untouched of tried) {
      const text = "text" in untouched ? untouched.text : "";
      for (let at = 0; at < text.length; at += 7) {
        const changed = text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ 1) + text.slice(at + 1);
        const { isSatisfied } = await judge(wanted(everybody), [{ ...untouched, text: changed } as Evidence], [digest], now);
        // What is not signed may change: the names of members that are not looked at, the hint, white space.
        if (isSatisfied) expect(`${at} ${isUnsigned(text, at)}`).toBe(`${at} true`);
      }
    }
  });

  test("a payload with another's signature, and a signature with another's payload", async () => {
    const [first, second] = madeBy("cosign 2.5.0, sign") as Extract<Evidence, { payload: Buffer }>[];
    const swapped = { ...first!, payload: second!.payload };
    expect(await problems([swapped], wanted(everybody))).toEqual(["none of the keys made it"]);
    const forged = { ...first!, payload: Buffer.from(first!.payload.toString().replaceAll(digest, other)) };
    expect(await problems([forged], wanted(everybody), [other])).toEqual(["none of the keys made it"]);
  });

  test("annotations that are missing or others", async () => {
    const made = madeBy("cosign 3.1.1, sign").slice(0, 1);
    const ask = (annotations: Record<string, string>) => problems(made, wanted(everybody, { annotations }));
    expect(await ask({ by: "cosign3" })).toEqual([undefined]);
    expect(await ask({ by: "cosign2" })).toEqual(['its annotation "by" is "cosign3", not "cosign2"']);
    expect(await ask({ by: "cosign3", env: "prod" })).toEqual(['its annotation "env" is nothing, not "prod"']);
    expect(await ask({ toString: "x" })).toEqual(['its annotation "toString" is nothing, not "x"']);
  });

  test("a certificate that is not valid any more, or not yet", async () => {
    const made = madeBy("notation 1.3.2, sign");
    expect(await problems(made, wanted([authority()]), [digest], new Date("2200-01-01"))).toEqual([
      expect.stringMatching(/^the certificate "CN=Release,O=Berth Test,C=DE" expired at 2126-/),
    ]);
    expect(await problems(made, wanted([authority()]), [digest], new Date("2020-01-01"))).toEqual([
      expect.stringMatching(/is not valid before 2026-/),
    ]);
  });

  test("the same one twice, and one key under two names, where two are asked for", async () => {
    const made = madeBy("cosign 2.5.0, sign");
    const [key, again] = [keyAnchor("cosign2.pub"), { ...keyAnchor("cosign2.pub"), name: "again" }];
    const ask = async (anchors: typeof everybody, evidence = made) =>
      (await judge(wanted(anchors, { atLeast: 2 }), evidence, [digest], now)).isSatisfied;
    expect(await ask([key, again], [...made, ...made])).toBe(false);
    expect(await ask([key, keyAnchor("rsa.pub"), keyAnchor("cosign3.pub")])).toBe(true);
    expect(await ask([key, keyAnchor("cosign3.pub")])).toBe(false);
    expect(await ask([key, keyAnchor("cosign3.pub")], all)).toBe(true);
  });

  test("formats and names that are not asked for", async () => {
    const made = madeBy("cosign 2.5.0, sign").slice(0, 1);
    expect(await problems(made, wanted(everybody, { formats: ["bundle"] }))).toEqual(["its format does not count here"]);
    expect(await problems(made, wanted(everybody, { isNamed: (name) => name === "localhost:5055/vectors/app" }))).toEqual([undefined]);
    expect(await problems(made, wanted(everybody, { isNamed: () => false }))).toEqual([
      'it is of an image called "localhost:5055/vectors/app"',
    ]);
  });

  test("blobs that could not be had", () => {
    const { manifest } = vectors.carriers[0]!;
    const found = evidenceOf(carrierOf({ manifest, blobs: {} }));
    expect(found.map((each) => "problem" in each && each.problem)).toEqual(
      Array(4).fill(expect.stringMatching(/^its blob sha256:\w+ could not be had$/)),
    );
  });
});

/** Whether a byte lies outside of what is signed: around the base64 of an envelope's payload, header and signature. */
function isUnsigned(text: string, at: number): boolean {
  const signed = [...text.matchAll(/"(?:payload|protected|sig|signature|payloadType)":"([^"]*)"/g)];
  // The last character of base64 may have bits that stand for nothing.
  return signed.every(({ index, 0: whole, 1: value }) => {
    const from = index + whole.length - 1 - value!.length;
    return at < from || at >= from + value!.replace(/=*$/, "").length - 1;
  });
}
