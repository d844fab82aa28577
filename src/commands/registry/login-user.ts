/** `berth registry login-user`: a user of a registry that berth serves. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { text } from "node:stream/consumers";
import { EngineError } from "../../../engine/errors.ts";
import { replaceFile } from "../../../engine/replace-file.ts";
import { type CommandSpec, type Context, command, type Input } from "../command.ts";
import { isSet, textOf } from "../flag-values.ts";
import { askLine } from "../system/ask-line.ts";

const spec: CommandSpec<string> = command<string>({
  summary: "Give a user of a served registry a password",
  description:
    "Writes the user's name and the bcrypt hash of the password into an htpasswd file, in the place of the user's entry if there is one. A registry that serves with the file knows it at once.",
  examples: [
    { line: "berth registry login-user --htpasswd users ann", does: "Add ann, asking for the password" },
    { line: "berth registry login-user --htpasswd users --password-stdin ci", does: "Add ci with a password from standard input" },
  ],
  flags: [
    {
      name: "htpasswd",
      type: "string",
      placeholder: "FILE",
      default: "htpasswd",
      help: "The file; made when it is not there",
      subject: "file",
    },
    { name: "password-stdin", type: "boolean", help: "Read the password from standard input" },
  ],
  place: "anywhere",
  args: [{ name: "USER" }],
  present: (line) => ({ kind: "lines", lines: [line] }),
  async *run(context, input) {
    const { hashPassword, withUser } = await import("../../../engine/registry/server/index.ts");
    const [user = ""] = input.args;
    const file = resolve(context.io.cwd, textOf(input, "htpasswd") ?? "htpasswd");
    const hash = await hashPassword(await passwordOf(context, input));
    const before = readIfThere(file);
    replaceFile(file, withUser(before ?? "", user, hash), { mode: 0o600, flush: true });
    return `${user} has a new password in ${file}`;
  },
});

async function passwordOf({ io, signal }: Context, input: Input): Promise<string> {
  const { stdin, terminal } = io.streams;
  if (isSet(input, "password-stdin")) {
    if (!stdin) throw new EngineError("invalid", "there is no standard input to read the password from");
    return notEmpty((await text(stdin)).replace(/\r?\n$/, ""));
  }
  if (!terminal)
    throw new EngineError("usage", "cannot ask for the password: this is no terminal", { exit: 1, hint: "give --password-stdin" });
  const password = notEmpty(await askLine(terminal, "Password: ", { signal, hidden: true }));
  const again = await askLine(terminal, "Again: ", { signal, hidden: true });
  if (again !== password) throw new EngineError("invalid", "the two passwords are not the same");
  return password;
}

function notEmpty(password: string): string {
  if (password === "") throw new EngineError("invalid", "the password is empty");
  return password;
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

export default spec;
