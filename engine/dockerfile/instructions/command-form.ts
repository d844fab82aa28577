/** JSON or shell form of RUN, CMD, ENTRYPOINT and HEALTHCHECK CMD. */
import { type Configured, shellOf } from "../configured.ts";
import type { Word } from "../words.ts";

/** `["a", "b"]` executes as given; anything else goes to the shell as one string. */
export type CommandForm = { form: "exec"; argv: string[] } | { form: "shell"; script: string };

/** A command without any text is the empty script: BuildKit hands it to the shell too. */
export function commandForm(args: readonly Word[], json: boolean): CommandForm {
  const words = args.map((arg) => arg.text);
  return json ? { form: "exec", argv: words } : { form: "shell", script: words.join(" ") };
}

/** What is executed: the shell form by the shell. */
export function commandWords(to: Configured, command: CommandForm): string[] {
  return command.form === "exec" ? command.argv : [...shellOf(to), command.script];
}
