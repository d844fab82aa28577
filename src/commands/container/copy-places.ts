/** The words of `cp`, `volume cp` and `image cp`: which side of the copy is where, and what is refused before anything is copied. */
import { EngineError } from "../../../engine/errors.ts";
import type { ProgressEvent, TreeName } from "../../../engine/index.ts";
import type { Context, FlagSpec, Input, Presentation } from "../command.ts";
import { isSet } from "../flag-values.ts";
import type { Inside } from "./copy.ts";

export interface Copied {
  /** Bytes of the tar stream. */
  Bytes: number;
}

/** A word of the line: a path of the host's, or of a tree. */
export interface Place {
  tree?: TreeName;
  path: string;
}

export const copyFlags: readonly FlagSpec[] = [
  { name: "follow-link", short: "L", type: "boolean", help: "Always follow a symbolic link in the source" },
  { name: "quiet", short: "q", type: "boolean", help: "Print nothing" },
];

export const asCopied = (): Presentation => ({ kind: "none" });

/** @param how `noun` is what has the one side; `archive` keeps owners */
export async function* copyBetween(
  context: Context,
  input: Input,
  how: { noun: TreeName["kind"]; split(word: string): Place; archive: boolean },
): AsyncGenerator<ProgressEvent, Copied> {
  const { noun, split, archive } = how;
  const words = input.args.some((word) => word.includes("\ufffd")) ? (await import("./typed-words.ts")).typedWords(input.args) : input.args;
  const [source, destination] = words.map(split) as [Place, Place];
  const options = { archive, followLink: isSet(input, "follow-link") };
  checkPlaces(noun, source, destination);
  const { copyIn, copyOut } = await import("./copy.ts");
  const Bytes = isInside(destination)
    ? await copyIn(context, source.path, destination, options)
    : await copyOut(context, source as Inside, destination.path, options);
  if (!isSet(input, "quiet") && context.io.streams.terminal && destination.path !== "-") {
    const { humanSize } = await import("../../format/size.ts");
    yield { type: "message", text: `Successfully copied ${humanSize(Bytes)} to ${input.args[1]}` };
  }
  return { Bytes };
}

const isInside = (place: Place): place is Inside => place.tree !== undefined;

function checkPlaces(noun: string, source: Place, destination: Place): void {
  if (isInside(source) && isInside(destination))
    throw new EngineError("usage", `copying between ${noun}s is not supported`, { hint: "copy to the host first", exit: 1 });
  for (const place of [source, destination])
    if (place.path === "") throw new EngineError("usage", `no path follows "${place.tree?.ref ?? ""}:"`, { exit: 1 });
  if (!isInside(source) && !isInside(destination))
    throw new EngineError("usage", `must specify at least one ${noun} source`, {
      hint: `write ${noun.toUpperCase()}:PATH for one of the two`,
      exit: 1,
    });
}
