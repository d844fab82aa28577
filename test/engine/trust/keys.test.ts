/** Keys as files: cosign's format both ways, PEM of every kind, and what is none. */
import { execFileSync } from "node:child_process";
import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { generateKey, hasSigned, importKey, publicPem, readPublicKey, readSigner } from "../../../engine/trust/keys.ts";
import { pemBlocks, toPem } from "../../../engine/trust/pem.ts";
import fc from "../../support/property.ts";
import { signerOf, textOf } from "./scene.ts";

const data = Buffer.from("data");
const secret = async () => "secret";

describe("cosign's format", () => {
  test("cosign made it, and it opens, with its older label too", async () => {
    expect(publicPem((await signerOf("cosign2.key")).key)).toBe(textOf("cosign2.pub"));
    const older = textOf("cosign3.key").replaceAll("SIGSTORE", "COSIGN");
    expect(publicPem((await readSigner(older, "older", secret)).key)).toBe(textOf("cosign3.pub"));
    await expect(readSigner(older, "k", async () => "wrong")).rejects.toThrow(
      'cannot open the key "k": the password is wrong, or the file is damaged',
    );
  });

  test("made, opened, signs", async () => {
    const made = await generateKey("ecdsa-p256", "secret");
    expect(made.private).toMatch(
      /^-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n[\w+/=\n]+-----END ENCRYPTED SIGSTORE PRIVATE KEY-----\n$/,
    );
    const { key, sign } = await readSigner(made.private, "k", secret);
    expect(key.id).toBe(made.key.id);
    const reread = readPublicKey(publicPem(key), "p");
    expect(await hasSigned(reread, data, sign(data))).toBe(true);
    expect(await hasSigned(reread, Buffer.from("date"), sign(data))).toBe(false);
  });

  test("an imported key gets a password of its own", async () => {
    const signer = await readSigner(textOf("leaf.pem"), "k", () => Promise.reject(new Error("it has no password")));
    const imported = await importKey(signer, "other");
    expect((await readSigner(imported.private, "k", async () => "other")).object.equals(signer.object)).toBe(true);
  });

  test("a file cannot make it compute or hold without end", async () => {
    const [block] = pemBlocks(textOf("cosign2.key"));
    const sealed = JSON.parse(block!.bytes.toString()) as { kdf: { params: object } };
    for (const params of [
      { N: 2 ** 30, r: 8, p: 1 },
      { N: 65536, r: 1 << 20, p: 1 },
      { N: 65536, r: 8, p: 1 << 20 },
      { N: 65535, r: 8, p: 1 },
      { N: 0, r: 0, p: 0 },
    ]) {
      const hostile = toPem(block!.label, Buffer.from(JSON.stringify({ ...sealed, kdf: { ...sealed.kdf, params } })));
      await expect(readSigner(hostile, "k", secret)).rejects.toThrow(
        'cannot read the key "k": its scrypt parameters are none that cosign writes',
      );
    }
  });
});

describe("PEM", () => {
  const pair = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });

  test.each([
    ["Ed25519", generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" })],
    ["P-521", generateKeyPairSync("ec", { namedCurve: "secp521r1" }).privateKey.export({ type: "pkcs8", format: "pem" })],
    ["PKCS #8", pair.privateKey.export({ type: "pkcs8", format: "pem" })],
    ["SEC 1", pair.privateKey.export({ type: "sec1", format: "pem" })],
    ["PKCS #1", rsa.privateKey.export({ type: "pkcs1", format: "pem" })],
    ["PKCS #8, encrypted", pair.privateKey.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "secret" })],
  ])("%s is read, and signs", async (_, pem) => {
    const { key, object, sign } = await readSigner(`Bag Attributes\n${pem}`, "k", secret);
    expect(object.equals(createPrivateKey({ key: pem, passphrase: "secret" }))).toBe(true);
    expect(await hasSigned(readPublicKey(publicPem(key), "p"), data, sign(data))).toBe(true);
  });

  test.each([
    ["a weak RSA key", generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey],
    ["a curve that signs no images", generateKeyPairSync("ec", { namedCurve: "secp256k1" }).privateKey],
    ["a key that only agrees", generateKeyPairSync("x25519").privateKey],
  ])("%s is refused", async (_, key) => {
    await expect(readSigner(key.export({ type: "pkcs8", format: "pem" }).toString(), "k", secret)).rejects.toMatchObject({
      code: "unsupported",
    });
  });

  test("what is no key says so", async () => {
    await expect(readSigner("", "k", secret)).rejects.toThrow('cannot read the key "k": it is no private key in PEM');
    await expect(readSigner(textOf("cosign2.pub"), "k", secret)).rejects.toThrow("it is no private key in PEM");
    expect(() => readPublicKey(textOf("cosign2.key"), "k")).toThrow('cannot read the key "k": it is no public key in PEM');
    expect(() => readPublicKey(toPem("PUBLIC KEY", Buffer.from("nonsense")), "k")).toThrow("it is malformed");
  });

  test("any text has blocks or none, and any bytes come back", () => {
    fc.assert(fc.property(fc.string(), (text) => Array.isArray(pemBlocks(`-----BEGIN ${text}`))));
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), (bytes) => {
        expect(pemBlocks(`text\n${toPem("X Y", bytes)}text`)).toEqual([{ label: "X Y", bytes: Buffer.from(bytes) }]);
      }),
    );
  });

  test("openssl reads what is printed", () => {
    const shown = execFileSync("openssl", ["pkey", "-pubin", "-noout", "-text"], { input: textOf("p384.pub"), encoding: "utf8" });
    expect(shown).toContain("P-384");
  });
});
