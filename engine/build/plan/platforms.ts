/** The platforms that a build is for: `--platform linux/amd64,linux/arm64` makes an image for each. Pure. */
import { formatPlatform, hostPlatform, type Platform, parsePlatform } from "../../platform.ts";
import type { BuildOptions } from "../index.ts";

/** One of them, as it was wished for; undefined: this host's, and whatever base images are here for. */
interface WishedPlatform {
  text: string | undefined;
  platform: Platform;
}

/** @throws EngineError `invalid` */
export function platformsOf({ platform }: BuildOptions): WishedPlatform[] {
  const words = (platform ?? "").split(",").filter(Boolean);
  if (words.length === 0) return [{ text: undefined, platform: hostPlatform() }];
  const wished = words.map((text) => ({ text, platform: parsePlatform(text.trim()) }));
  const byName = new Map(wished.map((each) => [formatPlatform(each.platform), each]));
  return wished.length === 1 ? wished : [...byName].map(([text, { platform: each }]) => ({ text, platform: each }));
}
