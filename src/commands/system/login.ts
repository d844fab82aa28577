/** `berth login`: credentials for a registry. */
import { text } from "node:stream/consumers";
import { EngineError } from "../../../engine/errors.ts";
import type { LoginResult } from "../../../engine/index.ts";
import { type CommandSpec, type Context, command, type Input } from "../command.ts";
import { isSet, textOf } from "../flag-values.ts";
import { askLine } from "./ask-line.ts";

const spec: CommandSpec<LoginResult> = command({
  summary: "Log in to a registry",
  description:
    "Tries the credentials and keeps them where docker does: with the credential helper that ~/.docker/config.json names, else in that file. What is not given is asked for on the terminal.",
  examples: [
    { line: "berth login", does: "Log in to Docker Hub, asking for the user name and the password" },
    { line: "berth login -u me --password-stdin localhost:5000", does: "Log in with a password from standard input" },
  ],
  flags: [
    { name: "username", short: "u", type: "string", placeholder: "NAME", help: "User name" },
    {
      name: "password",
      short: "p",
      type: "string",
      placeholder: "PASSWORD",
      help: "Password or token; other users may see it in the list of processes",
    },
    { name: "password-stdin", type: "boolean", help: "Read the password from standard input" },
  ],
  args: [{ name: "SERVER", optional: true, help: "Registry's address; default Docker Hub" }],
  async *run(context, input) {
    const { username, password } = await credentialsOf(context, input);
    if (textOf(input, "password") !== undefined)
      yield { type: "warning", text: "Using --password via the CLI is insecure. Use --password-stdin." };
    const result = await context.engine.system.login(input.args[0] ?? "", { username, password }, context.signal);
    if (result.File)
      yield {
        type: "warning",
        text: `Your credentials are stored unencrypted in '${result.File}'. Configure a credential helper ("credsStore" there) to avoid it.`,
      };
    return result;
  },
  present: ({ Status }) => ({ kind: "lines", lines: [Status] }),
});

async function credentialsOf({ io, signal }: Context, input: Input): Promise<{ username: string; password: string }> {
  const given = { username: textOf(input, "username") ?? "", password: textOf(input, "password") ?? "" };
  if (isSet(input, "password-stdin")) {
    if (given.password) throw new EngineError("usage", "--password and --password-stdin are mutually exclusive", { exit: 1 });
    if (!given.username) throw new EngineError("usage", "must provide --username with --password-stdin", { exit: 1 });
    if (!io.streams.stdin) throw new EngineError("invalid", "there is no standard input to read the password from");
    return { username: given.username, password: (await text(io.streams.stdin)).replace(/\r?\n$/, "") };
  }
  if (given.username && given.password) return given;
  const { terminal } = io.streams;
  if (!terminal)
    throw new EngineError("usage", "Cannot perform an interactive login from a non TTY device", {
      exit: 1,
      hint: "give --username and --password-stdin",
    });
  const username = given.username || (await askLine(terminal, "Username: ", { signal }));
  const password = given.password || (await askLine(terminal, "Password: ", { signal, hidden: true }));
  if (!username || !password) throw new EngineError("invalid", `a ${username ? "password" : "user name"} is required`);
  return { username, password };
}

export default spec;
