/** What `--cache-from` and `--cache-to` may say: judged before anything is built. */
import { EngineError } from "../../errors.ts";
import { parseReference, type Reference, withTag } from "../../image/documents/index.ts";
import type { BuildOptions } from "../index.ts";

type Fields = Record<string, string>;
type Flag = "--cache-from" | "--cache-to";

/** What each type takes. */
const members: Record<Flag, Record<string, { needed: string; other: readonly string[] }>> = {
  // "image" is one that is here, or else in its registry: what the classic builder is given.
  "--cache-from": {
    local: { needed: "src", other: [] },
    registry: { needed: "ref", other: [] },
    image: { needed: "ref", other: [] },
  },
  "--cache-to": {
    local: { needed: "dest", other: ["mode", "ignore-error"] },
    registry: { needed: "ref", other: ["mode", "ignore-error"] },
    inline: { needed: "", other: [] },
  },
};

/** What a client has looked to already, or does afterwards, in a directory of its own. */
const ofClients = ["digest", "tag", "reset"];

/** What is so anyway: as OCI has it, with a manifest, compressed with gzip. */
const asItIs: Fields = { "image-manifest": "true", "oci-mediatypes": "true", compression: "gzip" };

/** Refuses a malformed flag before anything is built. */
export function checkCacheFlags({ cacheFrom = [], cacheTo = [], client }: BuildOptions): void {
  const allowed = client ? ofClients : [];
  for (const fields of cacheFrom) check(fields, "--cache-from", allowed);
  for (const fields of cacheTo) check(fields, "--cache-to", allowed);
  for (const { type, ref = "" } of [...cacheFrom, ...cacheTo]) if (type === "registry" || type === "image") cacheReference(ref);
  const pinned = cacheTo.find(({ type, ref = "" }) => type === "registry" && cacheReference(ref).digest);
  if (pinned)
    throw new EngineError("invalid", `cannot write a cache to "${pinned["ref"]}": a digest cannot be pushed`, { hint: "give a tag" });
}

/** What a `ref=` names. @throws EngineError `invalid` */
export function cacheReference(ref: string): Reference {
  return withTag(parseReference(ref));
}

function check(fields: Fields, flag: Flag, allowed: readonly string[]): void {
  const { type = "", mode, ...rest } = fields;
  const known = members[flag][type];
  if (!known) {
    throw new EngineError("unsupported", `cannot use ${flag} of type "${type}"`, {
      exit: 1,
      hint: `use type=${Object.keys(members[flag]).join(", type=")}`,
    });
  }
  const { needed, other } = known;
  if (needed && !fields[needed]) throw new EngineError("usage", `${flag} type=${type} needs ${needed}=`, { hint: usage(flag, type) });
  const isKnown = (name: string) => name === needed || other.includes(name) || allowed.includes(name) || asItIs[name] === rest[name];
  const unknown = Object.keys(rest).find((name) => !isKnown(name));
  if (unknown !== undefined)
    throw new EngineError("unsupported", `cannot carry out "${unknown}=${rest[unknown]}" of ${flag} type=${type}`, {
      exit: 1,
      hint: usage(flag, type),
    });
  if (mode !== undefined && !(other.includes("mode") && ["min", "max"].includes(mode)))
    throw new EngineError("usage", `${flag} type=${type} has no mode "${mode}"`, { hint: usage(flag, type) });
}

function usage(flag: Flag, type: string): string {
  const { needed, other } = members[flag][type] as { needed: string; other: readonly string[] };
  const words = [`type=${type}`, ...(needed ? [`${needed}=…`] : []), ...(other.includes("mode") ? ["mode=min|max"] : [])];
  return `write ${flag} ${words.join(",")}`;
}
