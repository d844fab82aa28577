/** `berth help`: the commands, one command, or the REPL's language. */
import { type CommandSpec, command } from "../command.ts";
import { isSet } from "../flag-values.ts";

const spec: CommandSpec<{ Text: string }> = command({
  summary: "Show help for berth, a group of commands, a command or the repl's language",
  examples: [
    { line: "berth help", does: "List all commands" },
    { line: "berth help run", does: "Show the flags and examples of one" },
    { line: "berth help repl", does: "Show the language of scripts" },
  ],
  flags: [{ name: "markdown", type: "boolean", help: "Print the whole command reference as Markdown" }],
  place: "anywhere",
  args: [{ name: "COMMAND", optional: true, variadic: true, subject: "command" }],
  async *run(_context, input) {
    const { helpFor, reference } = await import("../../help.ts");
    return { Text: isSet(input, "markdown") ? await reference() : await helpFor(input.args) };
  },
  present: ({ Text }) => ({ kind: "text", text: Text }),
});

export default spec;
