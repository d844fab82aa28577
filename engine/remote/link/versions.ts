/** Who answers, and in which version of the API one talks to it. Pure. */
import type { IncomingHttpHeaders } from "node:http";
import { EngineError } from "../../errors.ts";
import { current, oldest, toNumber } from "../../serve/versions.ts";
import type { Peer } from "./connection.ts";

/** Seconds in headers are whole: what is less may be nothing. */
const certainlyAhead = 2000;

/**
 * The newest version that both know.
 * @param wanted the user's ($DOCKER_API_VERSION)
 * @throws EngineError `unsupported`
 */
export function negotiate(headers: IncomingHttpHeaders, wanted?: string): Peer {
  const offered = String(headers["api-version"] ?? "");
  const has = /^\d+\.\d{1,2}$/.test(offered) ? offered : oldest;
  const version = wanted ?? (toNumber(has) > toNumber(current) ? current : has);
  if (toNumber(version) < toNumber(oldest))
    throw new EngineError("unsupported", `the server speaks API version ${has}, which is older than ${oldest}`, {
      hint: "update the server",
    });
  const server = String(headers.server ?? "");
  const kind = /libpod/i.test(server) ? "podman" : /\bberth\b/.test(server) ? "berth" : "docker";
  const ahead = Date.parse(String(headers.date ?? "")) - Date.now();
  return { kind, version, api: toNumber(version), ahead: Math.abs(ahead) > certainlyAhead ? ahead : 0 };
}
