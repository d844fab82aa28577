/** The short form of a service's volume, "[SOURCE:]TARGET[:OPTIONS]" (Compose Specification, volumes). Pure. */
import { type Tree, tree } from "../source/places.ts";

/** What a short form cannot be read as; the caller knows where it stands. */
export class SpecProblem {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const propagations = new Set(["rprivate", "private", "rshared", "shared", "rslave", "slave"]);

/** The long form; unknown options are left out, as with docker compose. @throws SpecProblem */
export function parseVolume(spec: string): Tree & { target?: string } {
  if (spec === "") throw new SpecProblem("invalid empty volume");
  if (spec.length <= 2) return tree([["type", "volume"] as const, ["target", spec] as const]);
  const sections = split(spec);
  if (sections.includes("")) throw new SpecProblem(`invalid volume "${spec}": empty section between colons`);
  if (sections.length > 3) throw new SpecProblem(`invalid volume "${spec}": too many colons`);
  const [first = "", target, options = ""] = sections;
  const source = target === undefined ? undefined : first;
  const volume = tree();
  if (source !== undefined) volume["source"] = source;
  volume["target"] = target ?? first;
  for (const option of options.split(",")) setOption(volume, option);
  setType(volume, source);
  return volume;
}

/** At colons, but for those of ${VARIABLES} and of a drive's letter. */
function split(spec: string): string[] {
  const sections = [""];
  let depth = 0;
  for (let at = 0; at < spec.length; at++) {
    const letter = spec[at]!;
    const section = sections.at(-1)!;
    if (letter === "$" && spec[at + 1] === "{") depth++;
    else if (letter === "}" && depth > 0) depth--;
    if (letter === ":" && depth === 0 && !/^\p{L}$/u.test(section)) sections.push("");
    else sections[sections.length - 1] = section + letter;
  }
  return sections;
}

function setOption(volume: Tree, option: string): void {
  if (option === "ro") volume["read_only"] = true;
  else if (option === "rw") delete volume["read_only"];
  else if (option === "nocopy") volume["volume"] = tree([["nocopy", true]]);
  else if (propagations.has(option)) bindOf(volume)["propagation"] = option;
  else if (option === "z" || option === "Z") bindOf(volume)["selinux"] = option;
}

function bindOf(volume: Tree): Tree {
  return (volume["bind"] ??= tree()) as Tree;
}

/** A path is bound, and made where it is missing; a name is a volume's. */
function setType(volume: Tree, source: string | undefined): void {
  const isPath = source !== undefined && /^([./~]|\\\\|\p{L}:)/u.test(source);
  volume["type"] = isPath ? "bind" : "volume";
  if (isPath) bindOf(volume)["create_host_path"] = true;
  else volume["volume"] ??= tree();
}
