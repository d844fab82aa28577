/** `berth logout`: forget a registry's credentials. */
import { type CommandSpec, command } from "../command.ts";

const spec: CommandSpec<{ Server: string }> = command({
  summary: "Log out from a registry",
  examples: [{ line: "berth logout localhost:5000", does: "Forget the credentials that 'berth login localhost:5000' kept" }],
  flags: [],
  args: [{ name: "SERVER", optional: true, help: "Registry's address; default Docker Hub" }],
  async *run({ engine }, input) {
    return await engine.system.logout(input.args[0] ?? "");
  },
  present: ({ Server }) => ({ kind: "lines", lines: [`Removing login credentials for ${Server}`] }),
});

export default spec;
