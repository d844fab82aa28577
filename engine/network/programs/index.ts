/** Programs of berth's own that outlive it. */
export { forwarder } from "./forwarder.ts";
export { nameserver } from "./nameserver.ts";
export { findProgramFile } from "./program.ts";
export { endProgram, endRunning, findRunning, head, isSignalled, writeNumber } from "./running.ts";
