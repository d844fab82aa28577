/** Terminals whose user is a script. */
export { keysOf } from "./expect-terminal.ts";
export { runInteract } from "./interact.ts";
export { stopIfThere, TerminalSessions } from "./terminal-sessions.ts";
export { awaitEcho, runCases, type Unmet, unmetScreen, unmetSession } from "./terminal-tests.ts";
