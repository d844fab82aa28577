/** `berth volume cp`: copy files between a volume and the host, or a tar stream. */
import { type CommandSpec, command } from "../command.ts";
import { asCopied, type Copied, copyBetween, copyFlags, type Place } from "../container/copy-places.ts";
import { splitPlace } from "../container/cp.ts";
import { isSet } from "../flag-values.ts";

const spec: CommandSpec<Copied> = command({
  summary: "Copy files or folders between a volume and the local file system",
  description: "As 'berth cp' does it for containers; no container has to have the volume. Docker has no such command.",
  examples: [
    { line: "berth volume cp data:/db.sqlite .", does: "Copy a file out of a volume" },
    { line: "berth volume cp ./seed data:/", does: "Copy a folder into it" },
    { line: "berth volume cp data:/. - > data.tar", does: "Save all of it as a tar" },
  ],
  flags: [{ name: "archive", short: "a", type: "boolean", help: "What comes out keeps user and group ids" }, ...copyFlags],
  args: [
    { name: "SOURCE", subject: "file", help: "VOLUME:PATH, PATH or -" },
    { name: "DESTINATION", subject: "file", help: "VOLUME:PATH, PATH or -" },
  ],
  async *run(context, input) {
    const split = (word: string): Place => {
      const { container: ref, path } = splitPlace(word);
      return { path, ...(ref !== undefined && { tree: { kind: "volume", ref } }) };
    };
    return yield* copyBetween(context, input, { noun: "volume", split, archive: isSet(input, "archive") });
  },
  present: asCopied,
});

export default spec;
