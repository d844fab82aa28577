/** Choosing from what there is for several platforms, as containerd does. Pure. */
import { normalize, type Platform } from "../../platform.ts";
import type { Descriptor } from "../types.ts";

/** Platforms that an image for `wanted` may be made for, best first: an arm v7 host runs v6 and v5. */
function acceptable(wanted: Platform): Platform[] {
  const { os, architecture, variant } = normalize(wanted);
  const candidates: Platform[] = [{ os, architecture, ...(variant && { variant }) }];
  if (architecture === "arm") {
    for (let version = Number(variant?.slice(1)) - 1; version >= 5; version--)
      candidates.push({ os, architecture, variant: `v${version}` });
  }
  if (architecture === "amd64" && variant) {
    for (let version = Number(variant.slice(1)) - 1; version >= 2; version--) candidates.push({ os, architecture, variant: `v${version}` });
    candidates.push({ os, architecture });
  }
  if (architecture === "arm64") {
    if (variant) candidates.push({ os, architecture });
    for (const lower of ["v8", "v7", "v6", "v5"].slice(1)) candidates.push({ os, architecture: "arm", variant: lower });
  }
  return candidates;
}

function equal(left: Platform, right: Platform): boolean {
  return left.os === right.os && left.architecture === right.architecture && (left.variant ?? "") === (right.variant ?? "");
}

/** True when an image of one platform satisfies a wish for another. */
export function satisfies(image: Platform, wanted: Platform): boolean {
  const plain = normalize(image);
  return acceptable(wanted).some((candidate) => equal(candidate, plain));
}

/**
 * The entry of an index that fits best, else the first that does not say what it is for; undefined when there is none.
 * Attestations have the platform unknown/unknown.
 */
export function selectManifest(manifests: Descriptor[], wanted: Platform): Descriptor | undefined {
  const stated = (manifest: Descriptor) => manifest.platform?.os && manifest.platform.architecture;
  for (const candidate of acceptable(wanted)) {
    const found = manifests.find((manifest) => stated(manifest) && equal(normalize(manifest.platform!), candidate));
    if (found) return found;
  }
  return manifests.find((manifest) => !stated(manifest));
}
