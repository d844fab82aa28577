/** Keys, and what others' programs signed: cosign's, notation's, as a registry had them. The key files' password is "secret". */
import { readFileSync } from "node:fs";
import { readCertificates } from "../../../engine/trust/certificates.ts";
import { type Carrier, type Evidence, evidenceOf } from "../../../engine/trust/evidence.ts";
import type { Anchor, Requirement } from "../../../engine/trust/judge.ts";
import { readPublicKey, readSigner, type Signer } from "../../../engine/trust/keys.ts";
import { digestOf } from "../registry/server/scene.ts";

export const fileOf = (name: string) => new URL(`../../testdata/trust/${name}`, import.meta.url).pathname;
export const textOf = (name: string) => readFileSync(fileOf(name), "utf8");

export interface Vector {
  tool: string;
  manifest: string;
  /** By digest. */
  blobs: Record<string, string>;
}

export const vectors = JSON.parse(textOf("vectors.json")) as { digest: string; image: string; carriers: Vector[] };

export const carrierOf = ({ manifest, blobs }: Pick<Vector, "manifest" | "blobs">): Carrier => ({
  document: { digest: digestOf(manifest), mediaType: "application/vnd.oci.image.manifest.v1+json", text: manifest },
  blobs: Object.entries(blobs).map(([digest, text]) => ({
    descriptor: { digest, size: Buffer.byteLength(text), mediaType: "" },
    bytes: Buffer.from(text),
  })),
});

/** What a tool made, in the order in which it did. */
export const madeBy = (tool: string): Evidence[] =>
  vectors.carriers.filter((each) => each.tool === tool).flatMap((each) => evidenceOf(carrierOf(each)));

export const keyAnchor = (name: string): Anchor => ({ name, kind: "key", key: readPublicKey(textOf(name), name) });
export const authority = (...identities: string[]): Anchor => ({
  ...{ name: "authority", kind: "authority", identities },
  certificates: readCertificates(textOf("root.crt"), "root.crt"),
});

export const wanted = (anchors: Anchor[], more: Partial<Requirement> = {}): Requirement => ({
  anchors,
  atLeast: 1,
  annotations: {},
  ...more,
});

export const signerOf = (name: string): Promise<Signer> => readSigner(textOf(name), name, async () => "secret");
