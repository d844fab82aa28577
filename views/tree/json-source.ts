/** A JSON value as a tree: members and elements unfold. */
import { newNode, type TreeNode } from "./node.ts";
import type { Part, TreeSource } from "./source.ts";

type Branch = Record<string, unknown> | unknown[];

const isBranch = (value: unknown): value is Branch => typeof value === "object" && value !== null && Object.keys(value).length > 0;

/** Finds at most so many: who looks for more has to say more. */
const mostFound = 1000;

export class JsonSource implements TreeSource {
  #read: () => Promise<unknown>;

  /** @param read the newest value */
  constructor(read: () => Promise<unknown>) {
    this.#read = read;
  }

  async read(node: TreeNode): Promise<Part> {
    const value = node.path.length === 0 ? await this.#read() : node.value;
    const nodes = isBranch(value) ? Object.entries(value).map(([name, member]) => memberOf(node, name, member, Array.isArray(value))) : [];
    return { from: 0, nodes, total: nodes.length, isCut: false };
  }

  async find(text: string) {
    const fold = text === text.toLowerCase();
    const holds = (word: string) => (fold ? word.toLowerCase() : word).includes(text);
    const paths: string[][] = [];
    const look = (value: unknown, path: string[]) => {
      if (!isBranch(value)) return;
      for (const [name, member] of Object.entries(value)) {
        if (paths.length >= mostFound) return;
        const inside = [...path, name];
        if ((!Array.isArray(value) && holds(name)) || (!isBranch(member) && holds(JSON.stringify(member)))) paths.push(inside);
        look(member, inside);
      }
    };
    look(await this.#read(), []);
    return { paths, isCut: paths.length >= mostFound };
  }
}

function memberOf(parent: TreeNode, name: string, value: unknown, isElement: boolean): TreeNode {
  const words = isBranch(value) ? sizeText(value) : JSON.stringify(value);
  const label = isElement ? words : `${JSON.stringify(name)}: ${words}`;
  return newNode([...parent.path, name], { label, isBranch: isBranch(value), value });
}

/** "{ 12 }", "[ 3 ]". */
function sizeText(value: Branch): string {
  return Array.isArray(value) ? `[ ${value.length} ]` : `{ ${Object.keys(value).length} }`;
}
