/**
 * Files of a host's containers, as far as Docker's API shows them: paths as archives. It lists no directory, reads no part of a file,
 * and looks into neither volumes nor images.
 */
import type { Containers } from "../container/index.ts";
import { EngineError } from "../errors.ts";
import type { Files, TreeName } from "../files/index.ts";

const untold = "Docker's API gives files of containers as whole archives";

/** What cannot be asked of a host, with the reason. */
export const fileLimits = {
  "files.list": `${untold}: it lists no directories`,
  "files.read": `${untold}: no parts of files`,
  "files.write": `${untold}: it changes no file in its place`,
  "files.find": `${untold}: it looks for no names`,
  "files.usage": `${untold}: it weighs no directories`,
  "files.compare": `${untold}: it compares none`,
} as const;

const absent = (verb: keyof typeof fileLimits) => async (): Promise<never> => {
  throw new EngineError("unsupported", fileLimits[verb], { hint: "copy files of a container with 'berth cp'" });
};

export function remoteFiles({ statPath, copyFrom, copyTo }: Pick<Containers, "statPath" | "copyFrom" | "copyTo">): Files {
  return {
    list: absent("files.list"),
    read: absent("files.read"),
    write: absent("files.write"),
    find: absent("files.find"),
    usage: absent("files.usage"),
    compare: absent("files.compare"),
    statPath: async (tree, path) => statPath(containerOf(tree), path),
    copyFrom: async (tree, path, options) => copyFrom(containerOf(tree), path, options),
    copyTo: async (tree, path, tar, options) => copyTo(containerOf(tree), path, tar, options),
  };
}

function containerOf({ kind, ref }: TreeName): string {
  if (kind === "container") return ref;
  throw new EngineError("unsupported", `cannot look into ${kind} "${ref}": Docker's API gives the files of containers alone`, {
    hint: "mount it into a container, and copy from there",
  });
}
