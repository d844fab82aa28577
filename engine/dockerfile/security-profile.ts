/**
 * A security profile: directives in a file of their own, that hold for any Dockerfile (`build --security-profile`). It is a floor: a
 * Dockerfile may demand more than the profile does, and not less.
 */
import { dirname } from "node:path";
import { type BerthDirective, type BerthDirectives, directiveSpecs, readBerthDirective } from "./berth-directives.ts";
import { readLines } from "./lines.ts";
import { fail, locate, readSource } from "./source.ts";

/** @param file absolute, as relative paths in it begin beside it. @throws EngineError "dockerfile", located, for what is no directive either */
export function parseSecurityProfile(text: string, file: string): BerthDirectives {
  const source = readSource(text, file);
  const directives: BerthDirectives = {};
  const reader = readLines(source, {
    escape: "\\",
    directiveLines: new Set(),
    onComment: (comment) => readBerthDirective(source, comment, directives),
  });
  const line = reader.next();
  if (line)
    fail("a security profile has directives and comments only", locate(source, line.line), { hint: "begin the line with # berth:" });
  for (const directive of Object.values(directives) as BerthDirective[]) directive.directory = dirname(file);
  return directives;
}

/** A demand of a Dockerfile's that the profile's takes the place of. */
export interface Overruled {
  name: string;
  own: BerthDirective;
  profile: BerthDirective;
}

/** The stricter of both, and where that is not the Dockerfile's own. Pure. */
export function withSecurityProfile(own: BerthDirectives, profile: BerthDirectives): { berth: BerthDirectives; overruled: Overruled[] } {
  const berth: BerthDirectives = { ...own };
  const overruled: Overruled[] = [];
  for (const { field, name, loosens } of directiveSpecs) {
    const [mine, theirs] = [own[field], profile[field]] as (BerthDirective | undefined)[];
    if (!theirs || theirs.value === "off") continue; // there is no base that it could take something from
    if (mine && mine.value !== "off" && !loosens?.(mine.value, theirs.value)) continue;
    Object.assign(berth, { [field]: theirs });
    if (mine) overruled.push({ name, own: mine, profile: theirs });
  }
  return { berth, overruled };
}
