/** `berth completion SHELL`: a script that lets a shell complete berth's command lines from live state. */
import { type CommandSpec, command } from "../command.ts";

const shells = ["bash", "zsh", "fish"] as const;

const spec: CommandSpec<{ Script: string }> = command({
  summary: "Print a completion script for bash, zsh or fish",
  examples: [
    { line: "source <(berth completion bash)", does: "Complete in this bash" },
    { line: "berth completion fish > ~/.config/fish/completions/berth.fish", does: "Complete in every fish to come" },
  ],
  flags: [],
  place: "anywhere",
  args: [{ name: "SHELL", subject: "none", help: "bash, zsh or fish" }],
  async *run(_context, input) {
    const { completionScript } = await import("./completion-scripts.ts");
    return { Script: completionScript(input.args[0]!) };
  },
  present: ({ Script }) => ({ kind: "text", text: Script }),
  complete: async () => [...shells],
});

export default spec;
