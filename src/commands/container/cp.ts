/** `berth cp`: copy files between a container and the host, or a tar stream. */
import { type CommandSpec, command } from "../command.ts";
import { isSet } from "../flag-values.ts";
import { asCopied, type Copied, copyBetween, copyFlags, type Place } from "./copy-places.ts";

const spec: CommandSpec<Copied> = command({
  summary: "Copy files or folders between a container and the local file system",
  description:
    "'-' as source reads a tar archive from standard input, as destination writes one to standard output. A source directory ending in '/.' copies what is in it. What goes in keeps its numeric owners, with -a it is the container's user's. What comes out is yours: set-id bits and others' access to devices are left behind, unless -a keeps owners and modes as they were.",
  examples: [
    { line: "berth cp web:/etc/nginx/nginx.conf .", does: "Copy a file out of a container, running or not" },
    { line: "berth cp ./site web:/usr/share/nginx/html", does: "Copy a folder into it" },
    { line: "berth cp web:/var/log - | tar tv", does: "List a folder as a tar stream" },
  ],
  flags: [{ name: "archive", short: "a", type: "boolean", help: "Archive mode: keep user and group ids" }, ...copyFlags],
  args: [
    { name: "SOURCE", subject: "file", help: "CONTAINER:PATH, PATH or -" },
    { name: "DESTINATION", subject: "file", help: "CONTAINER:PATH, PATH or -" },
  ],
  async *run(context, input) {
    const split = (word: string): Place => {
      const { container, path } = splitPlace(word);
      return { path, ...(container !== undefined && { tree: { kind: "container", ref: container } }) };
    };
    return yield* copyBetween(context, input, { noun: "container", split, archive: isSet(input, "archive") });
  },
  present: asCopied,
  complete: async (context, word) => (await import("./complete-paths.ts")).placesIn(context, word),
});

/** docker's rule: a word with ":" is CONTAINER:PATH unless it begins as a path does. */
export function splitPlace(word: string): { container?: string; path: string } {
  const colon = word.indexOf(":");
  if (word.startsWith("/") || word.startsWith(".") || colon <= 0 || word.slice(0, colon).includes("/")) return { path: word };
  return { container: word.slice(0, colon), path: word.slice(colon + 1) };
}

export default spec;
