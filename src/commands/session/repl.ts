/** `berth repl`: the scriptable session. The shell opens it (src/cli.ts): a session cannot run inside another. */
import { EngineError } from "../../../engine/errors.ts";
import { type CommandSpec, command } from "../command.ts";

const spec: CommandSpec<void> = command({
  summary: "Open a session that runs command lines, by hand or from a script",
  description: "Without a file: interactive on a terminal, else a script from standard input. 'berth help repl' describes the language.",
  examples: [
    { line: "berth repl", does: "Type commands without 'berth' in front, with history, completion and variables" },
    { line: "berth repl deploy.berth", does: "Run a script; stops at the first failure and says where" },
    {
      line: "berth repl -c 'let id = run -d busybox sleep 60; expect 5s inspect $id .State.Running == true; rm -f $id'",
      does: "Run lines given as an argument",
    },
    { line: "berth repl --check deploy.berth", does: "Find what is wrong with a script without running any of it" },
  ],
  flags: [
    { name: "command", short: "c", type: "string", placeholder: "LINES", help: "Run these lines and end" },
    { name: "var", short: "v", type: "list", placeholder: "NAME=VALUE", help: "Bind a variable; may be repeated" },
    { name: "echo", short: "e", type: "boolean", help: "Print each command line on standard error before it runs" },
    { name: "timing", type: "boolean", help: "Print how long each statement took, on standard error" },
    { name: "trace", type: "boolean", help: "Print each statement with its place before it runs, and what came of it, on standard error" },
    { name: "junit", type: "string", placeholder: "FILE", subject: "file", help: "Write what the statements did as a JUnit report" },
    {
      name: "cast",
      type: "string",
      placeholder: "FILE",
      subject: "file",
      help: "Record what the script prints as asciicast v2, for players and pictures",
    },
    { name: "dry-run", type: "boolean", help: "Print what would be done, with values filled in; do nothing but look" },
    { name: "fmt", type: "boolean", help: "Run nothing: print the script, laid out" },
    { name: "update", type: "boolean", help: "Make the files anew that 'expect screen @NAME file FILE' compares with" },
    { name: "check", type: "boolean", help: "Run nothing: print what is wrong with the script, with --json as JSON with positions" },
    { name: "keep-going", short: "k", type: "boolean", help: "Go on after a failure; the exit status is the first failure's" },
  ],
  args: [
    { name: "FILE", optional: true, subject: "file", help: "Script to run; '-' is standard input" },
    { name: "ARG", optional: true, variadic: true, help: "Bound to $1, $2, … in the script" },
  ],
  stopsAtArgs: true,
  async *run() {
    throw new EngineError("unsupported", "cannot open a repl inside another session", { hint: "run 'berth repl' in a shell", exit: 1 });
  },
});

export default spec;
