/** The text records of package managers: dpkg's status, apk's installed, the metadata of Python, Node's package.json. Pure; bad parts are left out. */
import type { Distribution, FoundPackage } from "./package.ts";

/** Longer values are nobody's name, version or license. */
const longest = 1024;

/** A value that can stand in a document: one line, no control characters, not endless. */
function sane(value: string | undefined): string | undefined {
  const text = value?.trim();
  return text && text.length <= longest && !/[\u0000-\u001f\u007f]/.test(text) ? text.toWellFormed() : undefined;
}

/** Stanzas of "Name: value" lines; lines that begin with a blank go on with the one before, and are not wanted. */
function* stanzas(text: string): Generator<Map<string, string>> {
  for (const block of text.split(/\n\s*\n/)) {
    const fields = new Map<string, string>();
    for (const line of block.split("\n")) {
      const colon = line.indexOf(":");
      if (colon > 0 && !/^\s/.test(line)) fields.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
    }
    yield fields;
  }
}

/** deb-control(5), as dpkg keeps it: what is installed, and in status.d of images without dpkg, all. */
export function readDpkg(text: string, place: string): FoundPackage[] {
  return [...stanzas(text)].flatMap((fields) => {
    const [name, version] = [sane(fields.get("package")), sane(fields.get("version"))];
    const status = fields.get("status");
    if (!name || !version || (status !== undefined && !/\sinstalled$/.test(status))) return [];
    const [, source, sourceVersion] = /^(\S+)(?:\s+\(([^)]+)\))?$/.exec(fields.get("source") ?? "") ?? [];
    return [
      {
        ...{ type: "deb" as const, name, version, place },
        ...optional({ architecture: sane(fields.get("architecture")), supplier: sane(fields.get("maintainer")) }),
        ...optional({
          homepage: sane(fields.get("homepage")),
          source: sane(source && (sourceVersion ? `${source}@${sourceVersion}` : source)),
        }),
      },
    ];
  });
}

/** apk's database of installed packages: one letter a line. */
export function readApk(text: string, place: string): FoundPackage[] {
  return text.split("\n\n").flatMap((block) => {
    const fields = new Map(block.split("\n").flatMap((line) => (line[1] === ":" ? [[line[0]!, line.slice(2)] as const] : [])));
    const [name, version] = [sane(fields.get("P")), sane(fields.get("V"))];
    if (!name || !version) return [];
    const more = {
      architecture: fields.get("A"),
      license: fields.get("L"),
      source: fields.get("o"),
      homepage: fields.get("U"),
      supplier: fields.get("m"),
    };
    return [{ type: "apk" as const, name, version, place, ...optional(mapped(more)) }];
  });
}

/** Python's core metadata, of wheels and eggs: the head of it, before the description. */
export function readPython(text: string, place: string): FoundPackage[] {
  const [head = ""] = text.split(/\r?\n\r?\n/, 1);
  const [fields = new Map<string, string>()] = stanzas(head.replaceAll("\r", ""));
  const [name, version] = [sane(fields.get("name")), sane(fields.get("version"))];
  if (!name || !version) return [];
  const license = fields.get("license-expression") ?? fields.get("license");
  const more = mapped({ license, homepage: fields.get("home-page"), supplier: fields.get("author") });
  // purl-spec, "pypi": names are lower case, with hyphens.
  return [{ type: "pypi", name: name.toLowerCase().replaceAll("_", "-"), version, place, ...optional(more) }];
}

/** A package.json of node_modules. */
export function readNode(text: string, place: string): FoundPackage[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [];
  }
  const { name, version, license, homepage, author } = (typeof value === "object" && value !== null ? value : {}) as Record<
    string,
    unknown
  >;
  const full = sane(textOf(name));
  const number = sane(textOf(version));
  if (!full || !number) return [];
  const [, namespace, own = full] = /^(@[^/]+)\/(.+)$/.exec(full) ?? [];
  const named = (given: unknown, member: string) => textOf(given) ?? textOf((given as Record<string, unknown> | null)?.[member]);
  const more = mapped({ license: named(license, "type"), homepage: textOf(homepage), supplier: named(author, "name") });
  return [{ type: "npm", name: own, version: number, place, ...(namespace && { namespace }), ...optional(more) }];
}

/** os-release(5). */
export function readDistribution(text: string): Distribution {
  const fields = new Map(
    text.split("\n").flatMap((line) => {
      const [, key, value = ""] = /^([A-Z_]+)=(.*)$/.exec(line.trim()) ?? [];
      return key ? [[key, value.replace(/^(["'])(.*)\1$/, "$2")] as const] : [];
    }),
  );
  const of = (key: string) => sane(fields.get(key)) ?? "";
  return { id: of("ID"), version: of("VERSION_ID"), name: of("PRETTY_NAME") };
}

const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

function mapped(values: Record<string, string | undefined>): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, sane(value)]));
}

function optional(values: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
