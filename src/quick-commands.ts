/** Which command lines the quick executable runs to their end (see quick.ts). */
import type { Resolved } from "./commands/execute.ts";

/** What takes long anyway, or works on layers in a thread of its own. bin/berth knows the commonest of them. */
export const others = new Set([
  ...["tui", "repl", "demo", "doctor"],
  ...["builder du", "builder prune", "image import", "image load", "image pull", "image push", "image save", "login", "logout", "search"],
  ...["container attach", "container commit", "container cp", "container export", "container stats", "system events", "internal supervise"],
]);

export function isQuick({ spec, input: { flags } }: Resolved): boolean {
  const isSession =
    flags["tty"] === true || (spec.name === "container start" && (flags["attach"] === true || flags["interactive"] === true));
  return !others.has(spec.name) && !isSession;
}
