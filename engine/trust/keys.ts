/**
 * Keys that sign images: ECDSA on NIST's curves, RSA, Ed25519. How a kind of key signs is sigstore's choice, so that cosign verifies
 * what is signed here, and the other way round.
 */
import type { KeyObject } from "node:crypto";
import { EngineError } from "../errors.ts";
import { isEncrypted, openKey, sealKey } from "./encrypted-key.ts";
import { pemBlocks } from "./pem.ts";

export interface PublicKey {
  /** What people call it: its file, or its name in a policy. */
  name: string;
  /** SHA-256 of its DER (SubjectPublicKeyInfo), 64 hexadecimal digits. */
  id: string;
  /** "ECDSA P-256", "RSA 2048", "Ed25519" */
  kind: string;
  object: KeyObject;
}

export interface Signer {
  key: PublicKey;
  /** As cosign does: ECDSA in DER, RSA by PKCS #1 v1.5. */
  sign(data: Uint8Array): Buffer;
  /** PKCS #8, for formats that sign in another way. */
  object: KeyObject;
}

export type KeyType = "ecdsa-p256" | "ecdsa-p384" | "ed25519" | "rsa-2048" | "rsa-3072" | "rsa-4096";

const crypto = () => process.getBuiltinModule("node:crypto");

const curves: Readonly<Record<string, { name: string; hashes: readonly string[] }>> = {
  prime256v1: { name: "P-256", hashes: ["sha256"] },
  // cosign 2 takes SHA-256 whatever the curve; newer programs that which fits.
  secp384r1: { name: "P-384", hashes: ["sha256", "sha384"] },
  secp521r1: { name: "P-521", hashes: ["sha256", "sha512"] },
};

/** Bits that a modulus has: fewer are broken, more only cost time. */
const [fewestBits, mostBits] = [2048, 8192];

/** undefined for a kind of key that signs no images. */
function kindOf({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): string | undefined {
  if (type === "ed25519") return "Ed25519";
  const curve = type === "ec" ? curves[details?.namedCurve ?? ""] : undefined;
  if (curve) return `ECDSA ${curve.name}`;
  const bits = type === "rsa" ? (details?.modulusLength ?? 0) : 0;
  return bits >= fewestBits && bits <= mostBits ? `RSA ${bits}` : undefined;
}

/** How a kind of key may have signed: any of these counts, the first is how berth signs. */
function hashesOf({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): readonly (string | null)[] {
  if (type === "ed25519") return [null];
  return type === "ec" ? (curves[details?.namedCurve ?? ""]?.hashes ?? []) : ["sha256"];
}

/** @throws EngineError `unsupported` for a key that is too weak or of another kind */
export function toPublicKey(object: KeyObject, name: string): PublicKey {
  const kind = kindOf(object);
  if (!kind)
    throw new EngineError(
      "unsupported",
      `cannot use the key "${name}": it is ${object.asymmetricKeyType ?? "of a kind that is not known"}, or too weak`,
      {
        exit: 1,
        hint: "use ECDSA P-256, Ed25519, or RSA with 2048 bits and more",
      },
    );
  const der = object.export({ type: "spki", format: "der" });
  return { name, id: crypto().createHash("sha256").update(der).digest("hex"), kind, object };
}

/** The public half of any key file. @throws EngineError `invalid`, `unsupported` */
export function readPublicKey(pem: string, name: string): PublicKey {
  const block = pemBlocks(pem).find(({ label }) => label === "PUBLIC KEY" || label === "RSA PUBLIC KEY");
  if (!block)
    throw new EngineError("invalid", `cannot read the key "${name}": it is no public key in PEM`, {
      hint: "'berth key public FILE' prints the public half of a key",
    });
  try {
    const type = block.label === "PUBLIC KEY" ? "spki" : "pkcs1";
    return toPublicKey(crypto().createPublicKey({ key: block.bytes, format: "der", type }), name);
  } catch (cause) {
    if (cause instanceof EngineError) throw cause;
    throw new EngineError("invalid", `cannot read the key "${name}": it is malformed`, { cause });
  }
}

/**
 * A private key: cosign's encrypted file, or PEM (PKCS #8, encrypted or not, PKCS #1, SEC 1).
 * @param password asked for when one is needed
 * @throws EngineError `invalid`, `unsupported`, and what `password` throws
 */
export async function readSigner(pem: string, name: string, password: () => Promise<string>): Promise<Signer> {
  const block = pemBlocks(pem).find(({ label }) => label.endsWith("PRIVATE KEY"));
  if (!block)
    throw new EngineError("invalid", `cannot read the key "${name}": it is no private key in PEM`, {
      hint: "make one with 'berth key generate'",
    });
  const types: Record<string, "pkcs8" | "pkcs1" | "sec1"> = {
    "PRIVATE KEY": "pkcs8",
    "RSA PRIVATE KEY": "pkcs1",
    "EC PRIVATE KEY": "sec1",
  };
  if (isEncrypted(block)) return signerOf(privateKey(await openKey(block, await password(), name), "pkcs8", name), name);
  if (block.label === "ENCRYPTED PRIVATE KEY") return signerOf(privateKey(block.bytes, "pkcs8", name, await password()), name);
  const type = types[block.label];
  if (!type)
    throw new EngineError("unsupported", `cannot read the key "${name}": "${block.label}" is a format that is not known`, { exit: 1 });
  return signerOf(privateKey(block.bytes, type, name), name);
}

function privateKey(key: Buffer, type: "pkcs8" | "pkcs1" | "sec1", name: string, passphrase?: string): KeyObject {
  try {
    return crypto().createPrivateKey({ key, format: "der", type, ...(passphrase !== undefined && { passphrase }) });
  } catch (cause) {
    const why = passphrase === undefined ? "it is malformed" : "the password is wrong, or the file is damaged";
    throw new EngineError("invalid", `cannot read the key "${name}": ${why}`, { cause });
  }
}

function signerOf(object: KeyObject, name: string): Signer {
  const key = toPublicKey(crypto().createPublicKey(object), name);
  const [hash = null] = hashesOf(object);
  return { key, object, sign: (data) => crypto().sign(hash, data, object) };
}

/** Whether a key made a signature of this data. */
export async function hasSigned({ object }: PublicKey, data: Uint8Array, signature: Uint8Array): Promise<boolean> {
  const isSigned = hashesOf(object).some((hash) => {
    try {
      return crypto().verify(hash, data, object, signature);
    } catch {
      return false; // a signature that is none at all
    }
  });
  return isSigned || (object.asymmetricKeyType === "ed25519" && (await hasSignedHash(object, data, signature)));
}

/** cosign 3 signs with Ed25519ph (RFC 8032, section 5.1), which node:crypto has not got. */
async function hasSignedHash(object: KeyObject, data: Uint8Array, signature: Uint8Array): Promise<boolean> {
  const { ed25519ph } = await import("@noble/curves/ed25519.js");
  const point = object.export({ type: "spki", format: "der" }).subarray(-32);
  try {
    return ed25519ph.verify(signature, data, point, { zip215: false });
  } catch {
    return false;
  }
}

/** The public half as PEM. */
export function publicPem({ object }: PublicKey): string {
  return object.export({ type: "spki", format: "pem" }).toString();
}

/** A new key. @returns both halves as files are to have them */
export async function generateKey(type: KeyType, password: string): Promise<{ private: string; key: PublicKey }> {
  return sealed(newKey(type), password);
}

/** A key that was made elsewhere, as cosign keeps keys. */
export async function importKey(signer: Signer, password: string): Promise<{ private: string; key: PublicKey }> {
  return sealed(signer.object, password);
}

async function sealed(object: KeyObject, password: string): Promise<{ private: string; key: PublicKey }> {
  const der = object.export({ type: "pkcs8", format: "der" });
  return { private: await sealKey(der, password), key: toPublicKey(crypto().createPublicKey(object), "") };
}

function newKey(type: KeyType): KeyObject {
  const [family, size] = type.split("-");
  const { generateKeyPairSync } = crypto();
  if (family === "rsa") return generateKeyPairSync("rsa", { modulusLength: Number(size) }).privateKey;
  if (family === "ed25519") return generateKeyPairSync("ed25519").privateKey;
  return generateKeyPairSync("ec", { namedCurve: size === "p384" ? "secp384r1" : "prime256v1" }).privateKey;
}
