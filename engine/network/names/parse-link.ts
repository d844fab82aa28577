/** A link as it is written. */
import { EngineError } from "../../errors.ts";

/**
 * Splits "NAME:ALIAS", "NAME", or what inspect shows: "/NAME:/OWN/ALIAS".
 * @throws EngineError `invalid`, with docker's words
 */
export function parseLink(text: string): { name: string; alias: string } {
  const [name = "", alias = name, ...rest] = text.split(":");
  const bare = name.startsWith("/") ? alias.slice(alias.lastIndexOf("/") + 1) : alias;
  if (name === "") throw new EngineError("invalid", "empty string specified for links", { exit: 125 });
  // They become words of a line that programs read.
  if (rest.length > 0 || bare === "" || /[\s\0#]/.test(bare))
    throw new EngineError("invalid", `bad format for links: ${text}`, { exit: 125 });
  return { name: name.replace(/^\//, ""), alias: bare };
}
