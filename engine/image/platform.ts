/** Platforms: "linux/arm64/v8" as users write it, and choosing from an index as containerd does. Pure. */
import { EngineError } from "../errors.ts";
import type { Descriptor, Platform } from "./types.ts";

const architectures: Record<string, { architecture: string; variant?: string }> = {
  x64: { architecture: "amd64" },
  x86_64: { architecture: "amd64" },
  "x86-64": { architecture: "amd64" },
  ia32: { architecture: "386" },
  i386: { architecture: "386" },
  aarch64: { architecture: "arm64" },
  armhf: { architecture: "arm", variant: "v7" },
  armel: { architecture: "arm", variant: "v6" },
};

/** Those that a platform's name may consist of alone. */
const knownArchitectures = new Set("386 amd64 arm arm64 loong64 mips mips64 mips64le mipsle ppc64 ppc64le riscv64 s390x wasm".split(" "));

/** What this host runs. */
export function hostPlatform(): Platform {
  return normalize({ os: "linux", architecture: process.arch });
}

/** One spelling for each platform: "aarch64" is arm64, arm64 "v8" is plain arm64, arm without variant is v7. */
export function normalize(platform: Platform): Platform {
  const lower = platform.architecture.toLowerCase();
  const known = architectures[lower] ?? { architecture: lower };
  const variant = platform.variant?.toLowerCase() || known.variant;
  const { architecture } = known;
  const os = platform.os.toLowerCase();
  if (architecture === "arm64")
    return variant && variant !== "v8" && variant !== "8" ? { os, architecture, variant } : { os, architecture };
  if (architecture === "arm") return { os, architecture, variant: variant ? (variant.startsWith("v") ? variant : `v${variant}`) : "v7" };
  return { os, architecture, ...(variant && !(architecture === "amd64" && variant === "v1") && { variant }) };
}

/**
 * "linux/amd64", "linux/arm/v7"; "arm64" alone means this host's system.
 * @throws EngineError `invalid`
 */
export function parsePlatform(text: string): Platform {
  const parts = text.split("/");
  if (parts.length > 3 || parts.some((part) => !/^[A-Za-z0-9_.-]+$/.test(part))) {
    throw new EngineError("invalid", `invalid platform "${text}"`, {
      hint: "write it as OS/ARCHITECTURE[/VARIANT], for instance linux/amd64",
    });
  }
  const [first = "", second, variant] = parts;
  if (second === undefined && first === "linux") return hostPlatform();
  if (second === undefined) {
    const plain = normalize({ os: "linux", architecture: first });
    if (!knownArchitectures.has(plain.architecture))
      throw new EngineError("invalid", `invalid platform "${text}": unknown operating system or architecture`, {
        hint: "write it as OS/ARCHITECTURE[/VARIANT], for instance linux/amd64",
      });
    return plain;
  }
  return normalize({ os: first, architecture: second, variant });
}

export function formatPlatform(platform: Platform): string {
  return [platform.os, platform.architecture, platform.variant].filter(Boolean).join("/");
}

/** Platforms that an image for `wanted` may be made for, best first: an arm v7 host runs v6 and v5. */
export function acceptable(wanted: Platform): Platform[] {
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
