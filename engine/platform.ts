/** Platforms: "linux/arm64/v8" as users write it, each in one spelling. Pure, but for the host's own. */
import { EngineError } from "./errors.ts";

export interface Platform {
  os: string;
  architecture: string;
  variant?: string;
  "os.version"?: string;
}

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
  const architecture = process.arch === "ppc64" ? "ppc64le" : process.arch; // Node has one name for both
  return normalize({ os: "linux", architecture });
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
