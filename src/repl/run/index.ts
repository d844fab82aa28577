/** What statements do. */
export { runDefers } from "./defer.ts";
export { valuesOf } from "./flow.ts";
export { programAt } from "./host-program.ts";
export { Hosts } from "./hosts.ts";
export { echoed, valueOfLine } from "./run-line.ts";
export { run } from "./runners.ts";
