/** Which command lines the quick executable runs to their end (see quick.ts). */
import type { Resolved } from "./commands/execute.ts";
import { findCommand } from "./commands/table.ts";

/** Sessions are Node's, whatever their command, but for lines that only look; of the rest, what the command's table entry says is short. */
export async function isQuick({ spec, input }: Resolved): Promise<boolean> {
  const { flags } = input;
  if (spec.name === "repl") return (await import("./quick-session.ts")).isQuickSession(input);
  const isSession =
    flags["tty"] === true || (spec.name === "container start" && (flags["attach"] === true || flags["interactive"] === true));
  return !isSession && findCommand(spec.name.split(" "))?.entry.quick === true;
}
