/** Which command lines the quick executable runs to their end (see quick.ts). */
import type { Resolved } from "./commands/execute.ts";
import { findCommand } from "./commands/table.ts";

/** Sessions are Node's, whatever their command; of the rest, what the command's table entry says is short. */
export function isQuick({ spec, input: { flags } }: Resolved): boolean {
  const isSession =
    flags["tty"] === true || (spec.name === "container start" && (flags["attach"] === true || flags["interactive"] === true));
  return !isSession && findCommand(spec.name.split(" "))?.entry.quick === true;
}
