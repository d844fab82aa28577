/** `berth key public`: the half of a key that others verify with. */
import { type CommandSpec, command } from "../command.ts";
import { keyPassword, readText } from "./key-files.ts";

const spec: CommandSpec<string> = command<string>({
  summary: "Print the public half of a key",
  examples: [
    { line: "berth key public release.key > release.pub", does: "Write down what others verify with; asks for the key's password" },
  ],
  flags: [],
  args: [{ name: "FILE", subject: "file" }],
  place: "anywhere",
  async *run(context, input) {
    const { publicPem, readSigner } = await import("../../../engine/trust/index.ts");
    const [file = ""] = input.args;
    const { key } = await readSigner(readText(context, file), file, () => keyPassword(context, { name: file }));
    return publicPem(key).trimEnd();
  },
  present: (pem) => ({ kind: "lines", lines: pem.split("\n") }),
});

export default spec;
