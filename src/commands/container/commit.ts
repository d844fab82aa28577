/** `berth commit`: make an image of a container's changes. */
import { type CommandSpec, command } from "../command.ts";
import { choiceOf, listOf, textOf } from "../flag-values.ts";

const spec: CommandSpec<{ Id: string }> = command({
  summary: "Create a new image from a container's changes",
  examples: [
    {
      line: `berth commit -m 'add tools' -c 'CMD ["bash"]' web web:tools`,
      does: "Keep what was installed by hand, with another default command",
    },
  ],
  flags: [
    { name: "author", short: "a", type: "string", placeholder: "NAME", help: "Author of the image" },
    { name: "change", short: "c", type: "list", placeholder: "INSTRUCTION", help: "Apply a Dockerfile instruction to the image" },
    { name: "message", short: "m", type: "string", placeholder: "TEXT", help: "Commit message" },
    { name: "pause", short: "p", type: "boolean", default: true, help: "Pause the container while it is read" },
  ],
  args: [
    { name: "CONTAINER", subject: "container" },
    { name: "REPOSITORY[:TAG]", optional: true, subject: "none" },
  ],
  async *run({ engine }, input) {
    const [name = "", reference] = input.args;
    return engine.containers.commit(name, {
      reference,
      author: textOf(input, "author"),
      message: textOf(input, "message"),
      changes: listOf(input, "change"),
      pause: choiceOf(input, "pause"),
    });
  },
  present: ({ Id }) => ({ kind: "lines", lines: [Id] }),
});

export default spec;
