/** Where an upstream is, and for which repositories. Pure. */
import type { Credentials } from "../../../docker.ts";
import { EngineError } from "../../../errors.ts";

export interface UpstreamRule {
  /** What names of this registry have before those of the upstream; all are its without. */
  prefix?: string;
  url: URL;
  /** Milliseconds for which a tag is believed without asking. */
  ttl?: number;
  /** In place of those in docker's configuration. */
  credentials?: Credentials;
}

/** Undefined for what is not the address of a registry. */
export function upstreamOf(text: string): URL | undefined {
  const url = URL.parse(text.includes("://") ? text : `https://${text}`);
  const isPlain =
    url && /^https?:$/.test(url.protocol) && url.pathname === "/" && !url.username && !url.password && !url.search && !url.hash;
  return isPlain ? url : undefined;
}

/** @throws EngineError `usage` */
export function parseUpstream(text: string): URL {
  const url = upstreamOf(text);
  if (url) return url;
  throw new EngineError("usage", `not the address of a registry: "${text}"`, { hint: "for instance https://registry-1.docker.io" });
}
