/** What the manifests are that a name stands for, in docker's shape (ImageManifestSummary, API 1.48). */
import type { Ground } from "../../state/ground.ts";
import { findBlob, type Variant, variantsOf } from "../store/index.ts";
import type { ManifestSummary } from "../types.ts";

/** @param top digest of an index or a manifest */
export function manifestSummaries(ground: Ground, top: string): ManifestSummary[] {
  return variantsOf(ground, top).map((variant) => summaryOf(ground, variant));
}

function summaryOf(ground: Ground, { descriptor, kind, document, manifest, image, isWhole }: Variant): ManifestSummary {
  const parts = document && manifest ? [descriptor, manifest.config, ...manifest.layers] : [];
  const content = parts.reduce((sum, { digest }) => sum + (findBlob(ground, digest)?.size ?? 0), 0);
  const unpacked = image?.size ?? 0;
  const { platform, annotations = {} } = descriptor;
  return {
    ID: descriptor.digest,
    Descriptor: descriptor,
    Available: isWhole,
    Size: { Content: content, Total: content + unpacked },
    Kind: kind,
    ...(kind === "image" && {
      ImageData: {
        Platform: platform ?? { os: "", architecture: "" },
        Containers: image ? ground.lent.containers.usersOf(image.id).map(({ id }) => id) : [],
        Size: { Unpacked: unpacked },
      },
    }),
    ...(kind === "attestation" && { AttestationData: { For: annotations["vnd.docker.reference.digest"] ?? "" } }),
  };
}
