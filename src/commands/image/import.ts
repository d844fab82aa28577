/** `berth import`: make an image of a root file system's tar. */
import { type CommandSpec, command } from "../command.ts";
import { listOf, textOf } from "../flag-values.ts";
import { openInput } from "./input-file.ts";

const spec: CommandSpec<{ Id: string }> = command({
  summary: "Make an image of a root file system's tar",
  description: "The archive may be plain or compressed with gzip, zstd, xz or bzip2.",
  examples: [
    { line: "berth import rootfs.tar.gz debian:12", does: "Make an image of an archive" },
    { line: "berth import https://example.org/rootfs.tar.xz debian:12", does: "Fetch the archive from a server" },
    { line: `tar -C rootfs -c . | berth import -c 'CMD ["sh"]' - mine`, does: "Make one of a directory, with a default command" },
  ],
  flags: [
    { name: "change", short: "c", type: "list", placeholder: "INSTRUCTION", help: "Apply a Dockerfile instruction to the image" },
    { name: "message", short: "m", type: "string", placeholder: "TEXT", help: "Commit message" },
    { name: "platform", type: "string", placeholder: "OS/ARCH[/VARIANT]", help: "The platform that the files are for" },
  ],
  args: [
    { name: "FILE|URL|-", subject: "file" },
    { name: "REPOSITORY[:TAG]", optional: true, subject: "none" },
  ],
  async *run({ engine, io, signal }, input) {
    const [file = "-", reference] = input.args;
    const source = /^https?:\/\//.test(file) && URL.canParse(file) ? new URL(file) : await openInput(io, file, "import");
    const message = textOf(input, "message") ?? `Imported from ${file}`;
    return yield* engine.images.import(source, {
      reference,
      message,
      changes: listOf(input, "change"),
      platform: textOf(input, "platform"),
      signal,
    });
  },
  present: ({ Id }) => ({ kind: "lines", lines: [Id] }),
});

export default spec;
