/** Versions of the API: what is served, and what a client's prefix asks for. */
import { EngineError } from "../errors.ts";

export const current = "1.51";
/** Whoever does not say a version gets the current one. Docker 28's daemon serves clients from this one on, too. */
export const oldest = "1.24";

/** "1.44" is 144. */
export const toNumber = (version: string): number => {
  const [major = "", minor = ""] = version.split(".");
  return Number(major) * 100 + Number(minor);
};

/**
 * Takes the version off a path: "/v1.44/info" is 144 and "/info".
 * @throws EngineError `invalid` for one that is not served
 */
export function splitVersion(path: string): { version: number; path: string } {
  const [, given, rest = ""] = /^\/v(\d{1,4}(?:\.\d{1,4})?)(\/.*|$)/.exec(path) ?? [];
  if (given === undefined) return { version: toNumber(current), path };
  const version = toNumber(given);
  if (version > toNumber(current))
    throw new EngineError("invalid", `client version ${given} is too new. Maximum supported API version is ${current}`);
  if (version < toNumber(oldest))
    throw new EngineError(
      "invalid",
      `client version ${given} is too old. Minimum supported API version is ${oldest}, please upgrade your client to a newer version`,
    );
  return { version, path: rest };
}
