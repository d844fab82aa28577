/** JSON or shell form of RUN, CMD, ENTRYPOINT and HEALTHCHECK CMD. */
import type { CommandForm } from "../types.ts";
import type { Word } from "../words.ts";

/** A command without any text is the empty script: BuildKit hands it to the shell too. */
export function commandForm(args: readonly Word[], json: boolean): CommandForm {
  const words = args.map((arg) => arg.text);
  return json ? { form: "exec", argv: words } : { form: "shell", script: words.join(" ") };
}
