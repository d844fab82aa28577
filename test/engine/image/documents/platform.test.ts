import { expect, test } from "vitest";
import { satisfies, selectManifest } from "../../../../engine/image/documents/platform.ts";
import type { Descriptor } from "../../../../engine/image/types.ts";
import { formatPlatform, normalize, parsePlatform } from "../../../../engine/platform.ts";

const index = (...platforms: string[]): Descriptor[] =>
  platforms.map((text) => {
    const [os = "", architecture = "", variant] = text.split("/");
    return { mediaType: "", digest: text, size: 1, platform: { os, architecture, ...(variant && { variant }) } };
  });

test.each([
  ["linux/amd64", "linux/amd64"],
  ["linux/x86_64", "linux/amd64"],
  ["linux/aarch64", "linux/arm64"],
  ["linux/arm64/v8", "linux/arm64"],
  ["linux/arm", "linux/arm/v7"],
  ["linux/arm/6", "linux/arm/v6"],
  ["armhf", "linux/arm/v7"],
  ["armel", "linux/arm/v6"],
  ["386", "linux/386"],
])("%s is %s", (text, normal) => {
  expect(formatPlatform(parsePlatform(text))).toBe(normal);
});

test("a malformed platform is refused", () => {
  for (const text of ["a/b/c/d", "linux/", "linux/am d64", ""]) expect(() => parsePlatform(text)).toThrowError(/invalid platform/);
});

test("the best manifest of an index is chosen", () => {
  const all = index("unknown/unknown", "linux/arm/v5", "linux/arm/v6", "linux/arm/v7", "linux/arm64/v8", "linux/amd64", "windows/amd64");
  expect(selectManifest(all, parsePlatform("linux/amd64"))?.digest).toBe("linux/amd64");
  expect(selectManifest(all, parsePlatform("linux/arm64"))?.digest).toBe("linux/arm64/v8");
  expect(selectManifest(all, parsePlatform("linux/arm/v7"))?.digest).toBe("linux/arm/v7");
  expect(selectManifest(index("linux/arm/v5", "linux/arm/v6"), parsePlatform("linux/arm/v7"))?.digest).toBe("linux/arm/v6");
  expect(selectManifest(index("linux/arm/v7"), parsePlatform("linux/arm/v6"))).toBeUndefined();
  expect(selectManifest(index("linux/amd64"), parsePlatform("linux/arm64"))).toBeUndefined();
  const unstated = { mediaType: "", digest: "no platform", size: 1 };
  expect(selectManifest([unstated, ...all], parsePlatform("linux/amd64"))?.digest).toBe("linux/amd64");
  expect(selectManifest([...index("windows/amd64"), unstated], parsePlatform("linux/amd64"))?.digest).toBe("no platform");
});

test("an image satisfies a wish for its platform", () => {
  expect(satisfies({ os: "linux", architecture: "arm", variant: "v6" }, parsePlatform("linux/arm/v7"))).toBe(true);
  expect(satisfies({ os: "linux", architecture: "arm", variant: "v7" }, parsePlatform("linux/arm/v6"))).toBe(false);
  expect(normalize({ os: "Linux", architecture: "x86-64", variant: "v1" })).toEqual({ os: "linux", architecture: "amd64" });
});
