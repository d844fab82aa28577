/** Candidates for words that are paths in a container. Loaded when one is completed. */
import type { Context } from "../command.ts";

/** Entries of a directory that are looked at. */
const most = 1000;

/** Entries of the directory that the word so far names in a container; directories end with "/". */
export async function pathsIn({ engine }: Context, container: string, word: string): Promise<string[]> {
  const head = word.slice(0, word.lastIndexOf("/") + 1);
  const listed = await engine.files.list({ kind: "container", ref: container }, head || "/", { limit: most }).catch(() => undefined);
  // A name that cannot be typed as it is (control characters, bytes that are no text) is not offered.
  const names = listed?.Entries.filter(({ Name, Change }) => Change !== "removed" && !/[\p{Cc}\p{Cs}]/u.test(Name)) ?? [];
  const hidden = word.slice(head.length).startsWith(".");
  return names
    .filter(({ Name }) => hidden || !Name.startsWith("."))
    .map(({ Name, Type }) => `${head}${Name}${Type === "directory" ? "/" : ""}`);
}

/** `CONTAINER:PATH`: the containers, then what is in one. */
export async function placesIn(context: Context, word: string): Promise<string[]> {
  const [, container, path] = /^([^/.:][^/:]*):(.*)$/s.exec(word) ?? [];
  if (container !== undefined) return (await pathsIn(context, container, path!)).map((each) => `${container}:${each}`);
  const all = await context.engine.containers.list({ all: true });
  return all.flatMap(({ Names }) => Names.map((name) => `${name.replace(/^\//, "")}:`));
}
