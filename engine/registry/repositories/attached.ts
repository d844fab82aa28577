/**
 * What is attached to a manifest: its referrers (distribution-spec, "Listing Referrers"), and what cosign keeps under tags that are
 * made of the digest. What each is, is told by its type; whether a signature is good is not judged here.
 */
import { describeReferrer } from "../../image/store/index.ts";
import type { Descriptor } from "../../image/types.ts";
import type { RegistryClient } from "../client.ts";
import { fetchDocument } from "../manifest.ts";
import { listReferrers, referrersTag } from "../referrers.ts";
import { hasManifest } from "../upload.ts";
import type { Attached } from "./types.ts";

type Kind = Attached["Kind"];

/** cosign's tags for a digest end so. */
const suffixes: Readonly<Record<string, Kind>> = { sig: "signature", att: "attestation", sbom: "sbom" };

const kinds: readonly (readonly [RegExp, Kind])[] = [
  // notation, cosign, and cosign's way to tell what a bundle holds
  [/cncf\.notary\.signature|cosign.*\bsig(nature)?\b|simplesigning|sigstore\.dev\/cosign\/sign/, "signature"],
  [/spdx|cyclonedx|syft/i, "sbom"],
  [/in-toto|attestation|slsa|cosign.*\batt\b|dsse/, "attestation"],
  // A bundle that does not say what it is about is a signature of the image itself.
  [/sigstore\.bundle/, "signature"],
];

/** What a referrer is, by what its descriptor says. Pure. */
export function kindOfReferrer({ artifactType = "", annotations = {} }: Pick<Descriptor, "artifactType" | "annotations">): Kind {
  const about = `${annotations["dev.sigstore.bundle.predicateType"] ?? ""} ${annotations["in-toto.io/predicate-type"] ?? ""} ${artifactType}`;
  return kinds.find(([pattern]) => pattern.test(about))?.[1] ?? "other";
}

/** The tags that cosign would use for a digest, with what is under them. */
export function cosignTags(digest: string): { tag: string; kind: Kind }[] {
  return Object.entries(suffixes).map(([suffix, kind]) => ({ tag: `${referrersTag(digest)}.${suffix}`, kind }));
}

/** Is a tag made of a digest, for what belongs to it, and nobody's name for an image? */
export function isDigestTag(tag: string): boolean {
  return /^sha(256-[0-9a-f]{64}|512-[0-9a-f]{128})(\.\w+)?$/.test(tag);
}

/**
 * @param tags those of the repository, where they are known: it is not asked for cosign's then
 * @throws EngineError `registry`, `registry-auth`, `corrupt`
 */
export async function listAttached(client: RegistryClient, digest: string, tags?: ReadonlySet<string>): Promise<Attached[]> {
  const referrers = (await listReferrers(client, digest)).map((each) => described(client, each));
  const tagged = cosignTags(digest).map(async ({ tag, kind }) => {
    if (!(tags ? tags.has(tag) : await hasManifest(client, tag))) return [];
    const document = await fetchDocument(client, tag);
    return [{ ...asAttached(describeReferrer(document).descriptor), Kind: kind, Tag: tag }];
  });
  return (await Promise.all([...referrers, ...tagged.map(async (each) => await each)])).flat();
}

/** Not every registry says what its referrers are. */
async function described(client: RegistryClient, each: Descriptor): Promise<Attached> {
  if (each.artifactType !== undefined) return asAttached(each);
  return asAttached(describeReferrer(await fetchDocument(client, each.digest, each.digest)).descriptor);
}

function asAttached(each: Descriptor): Attached {
  const { mediaType, digest, size, artifactType, annotations } = each;
  return {
    Kind: kindOfReferrer(each),
    ...(artifactType !== undefined && { ArtifactType: artifactType }),
    ...{ Digest: digest, MediaType: mediaType, Size: size },
    ...(annotations && { Annotations: annotations }),
  };
}
