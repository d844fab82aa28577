/** `berth tag`: give an image another name. */
import { type CommandSpec, command } from "../command.ts";

const spec: CommandSpec<undefined> = command({
  summary: "Give an image another name",
  examples: [{ line: "berth tag app:latest localhost:5000/app:1.0", does: "Name an image for a registry" }],
  flags: [],
  args: [
    { name: "SOURCE", subject: "image" },
    { name: "TARGET[:TAG]", subject: "image" },
  ],
  async *run({ engine }, input) {
    const [source = "", target = ""] = input.args;
    await engine.images.tag(source, target);
    return undefined;
  },
  present: () => ({ kind: "none" }),
});

export default spec;
