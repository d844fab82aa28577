/** `berth image cp`: copy files out of an image, or out of one of its layers. */
import { EngineError } from "../../../engine/errors.ts";
import { type CommandSpec, command } from "../command.ts";
import { asCopied, type Copied, copyBetween, copyFlags, type Place } from "../container/copy-places.ts";
import { isSet, numberOf } from "../flag-values.ts";

const spec: CommandSpec<Copied> = command({
  summary: "Copy files or folders out of an image to the local file system",
  description: "No container is made for it. Docker has no such command.",
  examples: [
    { line: "berth image cp nginx:1.27:/etc/nginx/nginx.conf .", does: "Copy a file out of an image" },
    { line: "berth image cp --layer 2 app:/srv - | tar tv", does: "List what the second layer has below /srv" },
  ],
  flags: [
    { name: "archive", short: "a", type: "boolean", help: "Archive mode: keep user and group ids" },
    ...copyFlags,
    { name: "layer", type: "number", placeholder: "N", help: "Out of this layer alone; 1 is the lowest" },
  ],
  args: [
    { name: "SOURCE", subject: "image", help: "IMAGE:/PATH" },
    { name: "DESTINATION", subject: "file", help: "PATH or -" },
  ],
  async *run(context, input) {
    const layer = numberOf(input, "layer");
    // A reference has colons, too; none of them stands before a slash.
    const split = (word: string): Place => {
      const [, ref, path = word] = /^(.+?):(\/.*)$/s.exec(word) ?? [];
      return { path, ...(ref !== undefined && { tree: { kind: "image", ref, ...(layer !== undefined && { layer }) } }) };
    };
    if (split(input.args[1] ?? "").tree)
      throw new EngineError("unsupported", `cannot copy into image "${input.args[1]}": images do not change`, {
        hint: "copy into a container of it, and commit that",
        exit: 1,
      });
    return yield* copyBetween(context, input, { noun: "image", split, archive: isSet(input, "archive") });
  },
  present: asCopied,
});

export default spec;
