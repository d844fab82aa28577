/**
 * Any YAML to trees. Structure, anchors and quoting are the `yaml` package's; what plain scalars mean, merges (`<<`), the tags `!reset` and
 * `!override` of the Compose Specification, and limits are decided here. Pure.
 */
import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, parseAllDocuments, type Scalar, type YAMLMap, type YAMLSeq } from "yaml";
import { type Path, type Place, type SourceFile, setPlace, type Tree, tree, wrong } from "./places.ts";
import { plainScalar } from "./scalars.ts";
import type { YamlDocument } from "./yaml.ts";

/** Values that aliases may stand for in all: a few nested ones ("billion laughs") would fill the memory otherwise. */
const mostAliased = 100_000;
/** Levels of nesting. */
const deepest = 200;

/** @throws EngineError `compose`, located */
export function parseWhole(file: SourceFile): YamlDocument[] {
  return parsed(file).map((document) => {
    const [error] = document.errors;
    if (error) throw refused(file, error.message, error.pos[0]);
    const converter = new Converter(file);
    const value = document.contents ? converter.convert(document.contents as Node) : null;
    return { value, resets: converter.resets };
  });
}

function parsed(file: SourceFile) {
  try {
    const documents = parseAllDocuments(file.text, { schema: "failsafe", logLevel: "silent", prettyErrors: false });
    return "empty" in documents ? [] : documents;
  } catch (error) {
    if (error instanceof RangeError) throw wrong(`cannot parse "${file.name}": it is nested too deeply`, { file, offset: 0 });
    throw error;
  }
}

/** The parser's own words, but for the mistake that they never name: a tab that indents. */
function refused(file: SourceFile, message: string, offset: number) {
  const lineStart = file.text.lastIndexOf("\n", offset - 1) + 1;
  const tab = /^ *\t/.exec(file.text.slice(lineStart));
  if (tab) return wrong(`cannot parse "${file.name}": a tab cannot indent: use spaces`, { file, offset: lineStart + tab[0].length - 1 });
  const said = message.replace(/\.$/, "").replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
  return wrong(`cannot parse "${file.name}": ${said}`, { file, offset });
}

/** Turns one document's nodes into values. */
class Converter {
  readonly resets: Path[] = [];
  readonly #file: SourceFile;
  readonly #anchors = new Map<string, Node>();
  /** Aliases that are being followed: one inside itself has no end. */
  readonly #open = new Set<Node>();
  readonly #path: string[] = [];
  #aliased = 0;
  #depth = 0;

  constructor(file: SourceFile) {
    this.#file = file;
  }

  convert(node: Node | null): unknown {
    if (node === null) return null;
    if (isAlias(node)) return this.#follow(node.source, node);
    if (this.#open.size > 0 && ++this.#aliased > mostAliased) throw this.#wrong(`aliases stand for more than ${mostAliased} values`, node);
    if ("anchor" in node && node.anchor) this.#anchors.set(node.anchor, node);
    if (isScalar(node)) return this.#scalar(node);
    if (++this.#depth > deepest) throw this.#wrong(`it is nested more than ${deepest} levels deep`, node);
    const value = isMap(node) ? this.#mapping(node) : this.#list(node as YAMLSeq<Node>);
    this.#depth--;
    return value;
  }

  #follow(name: string, alias: Node): unknown {
    const target = this.#anchors.get(name);
    if (!target) throw this.#wrong(`unknown alias "*${name}"`, alias);
    if (this.#open.has(target)) throw this.#wrong(`the alias "*${name}" stands inside what it stands for`, alias);
    this.#open.add(target);
    try {
      return this.convert(target);
    } finally {
      this.#open.delete(target);
    }
  }

  /** A written tag decides; without one a plain scalar has the meaning of its text, and a quoted one is a text. */
  #scalar({ tag, type, value }: Scalar): unknown {
    const text = String(value ?? "");
    if (tag === "tag:yaml.org,2002:str" || tag === "!") return text;
    if (tag === "tag:yaml.org,2002:binary") return Buffer.from(text, "base64").toString();
    const isPlain = type === "PLAIN" || type === undefined || tag?.startsWith("tag:yaml.org,2002:");
    return isPlain ? plainScalar(text) : text;
  }

  #list(node: YAMLSeq<Node>): unknown[] {
    const list: unknown[] = [];
    node.items.forEach((item, index) => {
      this.#path.push(String(index));
      if (!this.#isReset(item)) {
        setPlace(list, list.length, this.#place(item));
        list.push(this.convert(item));
      }
      this.#path.pop();
    });
    return list;
  }

  #mapping(node: YAMLMap): Tree {
    const made = tree();
    const merges: Pair[] = [];
    for (const pair of node.items) {
      const key = pair.key as Node;
      if (isScalar(key) && key.value === "<<" && key.type === "PLAIN") merges.push(pair);
      else this.#entry(made, this.#name(key), key, pair.value as Node | null);
    }
    for (const { key, value } of merges) this.#merge(made, value as Node | null, key as Node);
    return made;
  }

  #entry(made: Tree, name: string, key: Node, value: Node | null): void {
    this.#path.push(name);
    if (!this.#isReset(value)) {
      setPlace(made, name, this.#place(key));
      made[name] = this.convert(value);
    }
    this.#path.pop();
  }

  #name(key: Node): string {
    const name = this.convert(key);
    if (typeof name === "string") return name;
    throw this.#wrong(`the name ${JSON.stringify(name)} is no text: put it in quotes`, key);
  }

  /** `<<`: what is merged yields to what is there, and an earlier mapping to none behind it. */
  #merge(made: Tree, value: Node | null, key: Node): void {
    const sources = isSeq(value) ? (value.items as Node[]) : [value];
    for (const source of sources) {
      const target = isAlias(source) ? this.#anchors.get(source.source) : source;
      if (!source || !isMap(target)) throw this.#wrong("only a mapping, or a list of mappings, can be merged by <<", source ?? key);
      const merged = this.convert(source) as Tree;
      for (const name of Object.keys(merged)) {
        if (name in made) continue;
        made[name] = merged[name];
        setPlace(made, name, this.#place(key));
      }
    }
  }

  /** Notes a tag that undoes earlier files; true for one that leaves nothing here either. */
  #isReset(node: Node | null): boolean {
    const target = isAlias(node) ? this.#anchors.get(node.source) : node;
    const tag = target && "tag" in target ? target.tag : undefined;
    if (tag === "!reset" || tag === "!override") this.resets.push([...this.#path]);
    return tag === "!reset";
  }

  #place(node: Node | null): Place | undefined {
    return node?.range ? { file: this.#file, offset: node.range[0] } : undefined;
  }

  #wrong(message: string, node: Node) {
    return wrong(`cannot parse "${this.#file.name}": ${message}`, this.#place(node));
  }
}
