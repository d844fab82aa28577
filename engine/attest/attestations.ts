/**
 * What is attested of an image here: by manifests beside it in its index, as BuildKit writes them, and by manifests that refer to
 * it, as cosign and `image attest` do. Signatures are shown, not verified: that is the trust room's.
 */
import { EngineError } from "../errors.ts";
import { parseManifest, satisfies } from "../image/documents/index.ts";
import type { Attestation, AttestationQuery } from "../image/index.ts";
import {
  type Found,
  findBlob,
  parseConfig,
  readBlobBytes,
  readDocument,
  referrersOf,
  requireImage,
  topOf,
  type Variant,
  variantsOf,
} from "../image/store/index.ts";
import type { Descriptor, Statement } from "../image/types.ts";
import { hostPlatform, type Platform, parsePlatform } from "../platform.ts";
import type { Ground } from "../state/ground.ts";
import { referenceDigest } from "./index-document.ts";
import { envelopeType, parseStatement, predicateAnnotation, statementType } from "./statement.ts";

/** A bill of materials of everything there is fits in. Bytes. */
const statementLimit = 64 << 20;

const isBundle = (mediaType: string) => mediaType.startsWith("application/vnd.dev.sigstore.bundle");

/** @throws EngineError `not-found`, `ambiguous`, `invalid` */
export async function listAttestations(ground: Ground, ref: string, query: AttestationQuery = {}): Promise<Attestation[]> {
  const found = requireImage(ground, ref);
  const top = topOf(ground, found);
  const variants = variantsOf(ground, top);
  const subjects = chosenSubjects(found, variants, query.platform);
  const held = [
    ...variants.flatMap((each) => beside(each, subjects)),
    ...subjects.flatMap((subject) => referring(ground, subject)),
    ...(subjects.some(({ digest }) => digest === top) ? [] : referring(ground, { digest: top })),
  ];
  const read = held.map(async (each) => ({ each, statement: each.IsHere ? await readStatement(ground, each.descriptor) : undefined }));
  return (await Promise.all(read)).flatMap(({ each: { descriptor: _, ...row }, statement }) => {
    const type = row.PredicateType || statement?.predicateType || "";
    if (query.predicateTypes && !query.predicateTypes.includes(type)) return [];
    return [{ ...row, PredicateType: type, ...(query.statements && statement && { Statement: statement }) }];
  });
}

interface Subject {
  digest: string;
  platform?: Platform;
}

/** The manifests of the images that are asked about: of all platforms, unless one is named. */
function chosenSubjects({ image }: Found, variants: readonly Variant[], platform: string | undefined): Subject[] {
  const wanted = platform === undefined ? undefined : parsePlatform(platform);
  if (wanted && variants.length === 0 && !satisfies(parseConfig(image), wanted)) return [];
  return variants.flatMap(({ kind, descriptor }) => {
    const own = descriptor.platform;
    if (kind !== "image" || (wanted && (!own || !satisfies(own, wanted)))) return [];
    return [{ digest: descriptor.digest, ...(own && { platform: own }) }];
  });
}

interface Held extends Omit<Attestation, "Statement"> {
  descriptor: Descriptor;
}

function beside({ kind, descriptor, manifest }: Variant, subjects: readonly Subject[]): Held[] {
  const about = subjects.find(({ digest }) => digest === descriptor.annotations?.[referenceDigest]);
  if (kind !== "attestation" || !about) return [];
  const place = { Manifest: descriptor.digest, Subject: about.digest, Kept: "index" as const, ...platformOf(about) };
  if (!manifest) return [{ ...place, Digest: "", PredicateType: "", Size: 0, IsSigned: false, IsHere: false, descriptor }];
  return manifest.layers.flatMap((layer) => heldIn(layer, place));
}

const platformOf = ({ platform }: Subject) => (platform ? { Platform: platform } : {});

function referring(ground: Ground, subject: Subject): Held[] {
  return referrersOf(ground, subject.digest).flatMap(({ digest }) => {
    const document = readDocument(ground, digest);
    if (!document?.text.includes('"layers"')) return [];
    const { layers } = parseManifest(document.text, (why) => new EngineError("corrupt", `cannot read the manifest ${digest}: ${why}`));
    const place = { Manifest: digest, Subject: subject.digest, Kept: "referrer" as const, ...platformOf(subject) };
    return layers
      .flatMap((layer) => heldIn(layer, place))
      .map((each) => ({ ...each, IsHere: findBlob(ground, each.Digest) !== undefined }));
  });
}

function heldIn(descriptor: Descriptor, place: Pick<Held, "Manifest" | "Subject" | "Kept" | "Platform">): Held[] {
  const { mediaType, digest, size, annotations = {} } = descriptor;
  const isSigned = mediaType === envelopeType || isBundle(mediaType);
  if (!isSigned && mediaType !== statementType) return [];
  const type = annotations[predicateAnnotation] ?? annotations["predicateType"] ?? "";
  return [{ ...place, Digest: digest, PredicateType: type, Size: size, IsSigned: isSigned, IsHere: true, descriptor }];
}

/** @throws EngineError `corrupt` for what is none, or is too large */
async function readStatement(ground: Ground, { digest, mediaType }: Descriptor): Promise<Statement | undefined> {
  const blob = findBlob(ground, digest);
  if (!blob) return undefined;
  if (blob.size > statementLimit) throw new EngineError("corrupt", `cannot read the attestation ${digest}: it is larger than 64 MB`);
  const parts: Uint8Array[] = [];
  for await (const part of readBlobBytes(ground, blob)) parts.push(part);
  const text = Buffer.concat(parts).toString("utf8");
  return parseStatement(mediaType === statementType ? text : payloadOf(text, digest), digest);
}

/** What a DSSE envelope carries, alone or in a bundle of sigstore's. */
function payloadOf(text: string, digest: string): string {
  try {
    const { dsseEnvelope, payload } = JSON.parse(text) as { dsseEnvelope?: { payload?: string }; payload?: string };
    return Buffer.from(dsseEnvelope?.payload ?? payload ?? "", "base64").toString("utf8");
  } catch (cause) {
    throw new EngineError("corrupt", `cannot read the attestation ${digest}: it is no envelope`, { cause });
  }
}

/** The platform that is meant when none is named: this host's where the image has it, else the image's own. */
export function usualPlatform(found: Found, variants: readonly Variant[]): Platform {
  const host = hostPlatform();
  const own = parseConfig(found.image);
  const has = satisfies(own, host) || variants.some(({ descriptor }) => descriptor.platform && satisfies(descriptor.platform, host));
  return has ? host : { os: own.os, architecture: own.architecture, ...(own.variant && { variant: own.variant }) };
}
