/** The predefined ARGs that describe platforms (Dockerfile reference). */
import { formatPlatform, hostPlatform, type Platform } from "../../platform.ts";

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
