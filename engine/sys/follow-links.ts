/** Where a path leads inside a root, as chroot(2) would have it: the walk itself. Reading a link is the caller's, who knows how safely. */

export interface LinkReader {
  /** What the link at these components holds; undefined for anything else, and for nothing. */
  read(parts: readonly string[]): string | undefined;
  /** Links that may be followed, and the error of one more. */
  limit: number;
  tooMany(): Error;
}

/** @returns components from the root; those that do not exist are kept as they are */
export function followLinks(path: string, links: LinkReader): string[] {
  const pending = path.split("/");
  const done: string[] = [];
  let followed = 0;
  for (let part = pending.shift(); part !== undefined; part = pending.shift()) {
    if (part === "" || part === ".") continue;
    if (part === "..") {
      done.pop();
      continue;
    }
    const target = links.read([...done, part]);
    if (target === undefined) {
      done.push(part);
      continue;
    }
    if (++followed > links.limit) throw links.tooMany();
    if (target.startsWith("/")) done.length = 0;
    pending.unshift(...target.split("/"));
  }
  return done;
}
