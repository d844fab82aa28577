/** `berth cp`: copy files between a container and the host, or a tar stream. */
import { EngineError } from "../../../engine/errors.ts";
import { type CommandSpec, command } from "../command.ts";
import { isSet } from "../flag-values.ts";

interface Copied {
  /** Bytes of the tar stream. */
  Bytes: number;
}

const spec: CommandSpec<Copied> = command({
  summary: "Copy files or folders between a container and the local file system",
  description:
    "'-' as source reads a tar archive from standard input, as destination writes one to standard output. A source directory ending in '/.' copies what is in it. What goes in keeps its numeric owners, with -a it is the container's user's. What comes out is yours: set-id bits and others' access to devices are left behind, unless -a keeps owners and modes as they were.",
  examples: [
    { line: "berth cp web:/etc/nginx/nginx.conf .", does: "Copy a file out of a container, running or not" },
    { line: "berth cp ./site web:/usr/share/nginx/html", does: "Copy a folder into it" },
    { line: "berth cp web:/var/log - | tar tv", does: "List a folder as a tar stream" },
  ],
  flags: [
    { name: "archive", short: "a", type: "boolean", help: "Archive mode: keep user and group ids" },
    { name: "follow-link", short: "L", type: "boolean", help: "Always follow a symbolic link in the source" },
    { name: "quiet", short: "q", type: "boolean", help: "Print nothing" },
  ],
  args: [
    { name: "SOURCE", subject: "file", help: "CONTAINER:PATH, PATH or -" },
    { name: "DESTINATION", subject: "file", help: "CONTAINER:PATH, PATH or -" },
  ],
  async *run(context, input) {
    const words = input.args.some((word) => word.includes("\ufffd"))
      ? (await import("./typed-words.ts")).typedWords(input.args)
      : input.args;
    const [source, destination] = words.map(splitPlace) as [Place, Place];
    const options = { archive: isSet(input, "archive"), followLink: isSet(input, "follow-link") };
    if (source.container !== undefined && destination.container !== undefined) {
      throw new EngineError("usage", "copying between containers is not supported", { hint: "copy to the host first", exit: 1 });
    }
    for (const place of [source, destination])
      if (place.path === "") throw new EngineError("usage", `no path follows "${place.container ?? ""}:"`, { exit: 1 });
    if (source.container === undefined && destination.container === undefined) {
      throw new EngineError("usage", "must specify at least one container source", {
        hint: "write CONTAINER:PATH for one of the two",
        exit: 1,
      });
    }
    const { copyIn, copyOut } = await import("./copy.ts");
    const Bytes =
      source.container === undefined
        ? await copyIn(context, source.path, destination as Required<Place>, options)
        : await copyOut(context, source as Required<Place>, destination.path, options);
    if (!isSet(input, "quiet") && context.io.streams.terminal && destination.path !== "-") {
      const { humanSize } = await import("../../format/size.ts");
      yield { type: "message", text: `Successfully copied ${humanSize(Bytes)} to ${input.args[1]}` };
    }
    return { Bytes };
  },
  present: () => ({ kind: "none" }),
});

export interface Place {
  container?: string;
  path: string;
}

/** docker's rule: a word with ":" is CONTAINER:PATH unless it begins as a path does. */
export function splitPlace(word: string): Place {
  const colon = word.indexOf(":");
  if (word.startsWith("/") || word.startsWith(".") || colon <= 0 || word.slice(0, colon).includes("/")) return { path: word };
  return { container: word.slice(0, colon), path: word.slice(colon + 1) };
}

export default spec;
