/** The files room: a thin front; each verb is loaded when it is first used. Of containers that ended unasked it is first noted that they did. */
import type { Ground } from "../state/ground.ts";
import type { Files, TreeName } from "./index.ts";

type Verb<A extends unknown[], R> = (ground: Ground, tree: TreeName, ...args: A) => Promise<R>;

export function createFiles(ground: Ground): Files {
  const verb =
    <A extends unknown[], R>(load: () => Promise<Verb<A, R>>) =>
    async (tree: TreeName, ...args: A): Promise<R> => {
      if (tree.kind === "container") await (await import("../container/life/reconcile.ts")).reconcileContainers(ground);
      return (await load())(ground, tree, ...args);
    };
  return {
    list: verb(async () => (await import("./list.ts")).listDirectory),
    read: verb(async () => (await import("./content.ts")).readPiece),
    write: verb(async () => (await import("./content.ts")).writeContent),
    find: verb(async () => (await import("./walk.ts")).findNames),
    usage: verb(async () => (await import("./walk.ts")).weighTree),
    statPath: verb(async () => (await import("./copy.ts")).statPath),
    copyFrom: verb(async () => (await import("./copy.ts")).copyFrom),
    copyTo: verb(async () => (await import("./copy.ts")).copyTo),
    compare: verb(async () => (await import("./compare.ts")).compareTrees),
  };
}
