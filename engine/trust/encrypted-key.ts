/**
 * Private keys as cosign keeps them: PKCS #8, sealed with NaCl's secretbox under a key that scrypt makes of a password, as JSON in
 * PEM. Both of its labels are read; the newer is written.
 */
import { EngineError } from "../errors.ts";
import { object, parseShaped, required, text, whole } from "../image/documents/index.ts";
import { type PemBlock, toPem } from "./pem.ts";

const label = "ENCRYPTED SIGSTORE PRIVATE KEY";
const labels = [label, "ENCRYPTED COSIGN PRIVATE KEY"];

interface Sealed {
  kdf: { name: string; params: { N: number; r: number; p: number }; salt: string };
  cipher: { name: string; nonce: string };
  ciphertext: string;
}

const shape = object({
  kdf: required(
    object({ name: text, params: required(object({ N: required(whole), r: required(whole), p: required(whole) })), salt: required(text) }),
  ),
  cipher: required(object({ name: text, nonce: required(text) })),
  ciphertext: required(text),
});

/** As cosign writes it. */
const usual = { N: 65536, r: 8, p: 1 };

export const isEncrypted = ({ label: found }: PemBlock): boolean => labels.includes(found);

/** @param key PKCS #8, DER. @returns PEM */
export async function sealKey(key: Uint8Array, password: string): Promise<string> {
  const { randomBytes } = process.getBuiltinModule("node:crypto");
  const [salt, nonce] = [randomBytes(32), randomBytes(24)];
  const box = await boxOf(password, salt, usual, nonce);
  const sealed: Sealed = {
    kdf: { name: "scrypt", params: usual, salt: salt.toString("base64") },
    cipher: { name: "nacl/secretbox", nonce: nonce.toString("base64") },
    ciphertext: Buffer.from(box.encrypt(key)).toString("base64"),
  };
  return toPem(label, Buffer.from(JSON.stringify(sealed)));
}

/** @returns PKCS #8, DER. @throws EngineError `invalid` for another password, or another format */
export async function openKey({ bytes }: PemBlock, password: string, name: string): Promise<Buffer> {
  const refuse = (why: string) =>
    new EngineError("invalid", `cannot read the key "${name}": ${why}`, { hint: "use a key that cosign or 'berth key' made" });
  const { kdf, cipher, ciphertext } = parseShaped<Sealed>(bytes.toString("utf8"), shape, refuse);
  const [salt, nonce] = [Buffer.from(kdf.salt, "base64"), Buffer.from(cipher.nonce, "base64")];
  if (kdf.name !== "scrypt" || cipher.name !== "nacl/secretbox") throw refuse(`it is encrypted with "${kdf.name}" and "${cipher.name}"`);
  if (nonce.length !== 24 || salt.length === 0) throw refuse("its nonce or its salt is malformed");
  if (!isBearable(kdf.params)) throw refuse("its scrypt parameters are none that cosign writes");
  const box = await boxOf(password, salt, kdf.params, nonce);
  try {
    return Buffer.from(box.decrypt(Buffer.from(ciphertext, "base64")));
  } catch {
    throw new EngineError("invalid", `cannot open the key "${name}": the password is wrong, or the file is damaged`, {
      hint: "give the password in COSIGN_PASSWORD or BERTH_KEY_PASSWORD, or type it",
    });
  }
}

/** A file must not make berth compute or hold what it cannot: 256 MB at most. */
function isBearable({ N, r, p }: Sealed["kdf"]["params"]): boolean {
  const isPower = N >= 2 && N <= 1 << 20 && (N & (N - 1)) === 0;
  return isPower && r >= 1 && p >= 1 && p <= 16 && r <= 64 && 128 * N * r <= 256 << 20;
}

async function boxOf(password: string, salt: Uint8Array, { N, r, p }: Sealed["kdf"]["params"], nonce: Uint8Array) {
  const { scrypt } = process.getBuiltinModule("node:crypto");
  const { xsalsa20poly1305 } = await import("@noble/ciphers/salsa.js");
  const key = await new Promise<Buffer>((resolve, reject) =>
    scrypt(password, salt, 32, { N, r, p, maxmem: 256 * N * r + (1 << 20) }, (error, made) => (error ? reject(error) : resolve(made))),
  );
  return xsalsa20poly1305(key, nonce);
}
