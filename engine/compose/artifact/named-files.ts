/** The files that a compose file's services name: what they extend, and where their variables are. Found, and renamed, in its text. Pure. */
import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, parseAllDocuments, type Scalar, type YAMLMap } from "yaml";

export interface NamedFile {
  kind: "env_file" | "extends";
  /** As it is written, with its variables. */
  name: string;
  /** Where in the text it stands: from, up to. */
  range: readonly [number, number];
}

type Document = ReturnType<typeof parseAllDocuments>[number];

/** @param text of a file that has been loaded, so that nothing is wrong with it */
export function namedFiles(text: string): NamedFile[] {
  const documents = parseAllDocuments(text, { schema: "failsafe", logLevel: "silent", prettyErrors: false });
  const found = "empty" in documents ? [] : documents.flatMap((document) => new Search(document).found());
  return [...new Map(found.map((each) => [each.range[0], each])).values()]; // what an anchor gives to several services stands there once
}

class Search {
  readonly #document: Document;

  constructor(document: Document) {
    this.#document = document;
  }

  found(): NamedFile[] {
    const services = this.#member(this.#document.contents, "services");
    return isMap(services) ? services.items.flatMap(({ value }) => this.#ofService(value as Node)) : [];
  }

  #ofService(service: Node): NamedFile[] {
    const files = this.#member(service, "env_file");
    const each = isSeq(files) ? (files.items as Node[]) : [files];
    const paths = each.map((item) => (isMap(this.#behind(item)) ? this.#member(item, "path") : this.#behind(item)));
    const extended = this.#member(this.#member(service, "extends"), "file");
    return [...paths.flatMap((path) => named("env_file", path)), ...named("extends", extended)];
  }

  /** What stands under a key, its merges (`<<`) looked through. */
  #member(node: Node | null | undefined, key: string): Node | undefined {
    const map = this.#behind(node);
    if (!isMap(map)) return undefined;
    const own = pairOf(map, key);
    if (own) return this.#behind(own.value as Node);
    const merged = this.#behind(pairOf(map, "<<")?.value as Node);
    const sources = isSeq(merged) ? (merged.items as Node[]) : [merged];
    return sources.map((source) => this.#member(source, key)).find((value) => value !== undefined);
  }

  #behind(node: Node | null | undefined): Node | undefined {
    return (isAlias(node) ? (node.resolve(this.#document) as Node | undefined) : node) ?? undefined;
  }
}

function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && pair.key.value === key);
}

function named(kind: NamedFile["kind"], node: Node | undefined): NamedFile[] {
  if (!isScalar(node) || typeof node.value !== "string" || node.value === "") return [];
  const [from, to] = (node as Scalar).range!;
  return [{ kind, name: node.value, range: [from, to] }];
}

/** The text with other names in those places. Names are such that they need no quotes. */
export function renamed(text: string, changes: readonly (Pick<NamedFile, "range"> & { to: string })[]): string {
  const behind = [...changes].sort((one, other) => other.range[0] - one.range[0]);
  return behind.reduce((whole, { range: [from, end], to }) => {
    const lineEnd = whole.slice(from, end).endsWith("\n") ? "\n" : ""; // of a block scalar
    return `${whole.slice(0, from)}${to}${lineEnd}${whole.slice(end)}`;
  }, text);
}
