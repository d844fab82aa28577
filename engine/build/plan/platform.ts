/** Platforms as builds name them ("linux/amd64"), and the predefined ARGs that describe them (Dockerfile reference). */
import { EngineError } from "../../errors.ts";
import type { Platform } from "../../image/types.ts";

const architectures: Record<string, string> = {
  x64: "amd64",
  arm64: "arm64",
  ia32: "386",
  arm: "arm",
  riscv64: "riscv64",
  s390x: "s390x",
  ppc64: "ppc64le",
};
const aliases: Record<string, string> = { x86_64: "amd64", "x86-64": "amd64", aarch64: "arm64", i386: "386", armhf: "arm", armel: "arm" };

/** This host's platform. */
export function hostPlatform(): Platform {
  return { os: "linux", architecture: architectures[process.arch] ?? process.arch };
}

/** "linux/arm64/v8" or "arm64"; throws `invalid`. */
export function parsePlatform(text: string): Platform {
  const parts = text.toLowerCase().split("/");
  if (parts.length > 3 || parts.some((part) => !/^[a-z0-9_.-]+$/.test(part))) {
    throw new EngineError("invalid", `cannot use platform "${text}": expected OS/ARCHITECTURE[/VARIANT]`);
  }
  const [os = "", architecture, variant] = parts.length === 1 && parts[0] !== "linux" ? ["linux", parts[0]] : parts;
  const known = architecture === undefined ? hostPlatform().architecture : (aliases[architecture] ?? architecture);
  // v8 is the only arm64: docker leaves it out.
  return { os, architecture: known, ...(variant && !(known === "arm64" && variant === "v8") ? { variant } : {}) };
}

/** "linux/arm64/v8" */
export function formatPlatform({ os, architecture, variant }: Platform): string {
  return [os, architecture, variant].filter(Boolean).join("/");
}

/** BUILDPLATFORM, TARGETARCH and the like: usable in FROM, and in a stage once it declares them. */
export function platformArgs(target: Platform, build: Platform = hostPlatform()): Record<string, string> {
  const of = (prefix: string, platform: Platform) => ({
    [`${prefix}PLATFORM`]: formatPlatform(platform),
    [`${prefix}OS`]: platform.os,
    [`${prefix}OSVERSION`]: "",
    [`${prefix}ARCH`]: platform.architecture,
    [`${prefix}VARIANT`]: platform.variant ?? "",
  });
  return { ...of("BUILD", build), ...of("TARGET", target) };
}
