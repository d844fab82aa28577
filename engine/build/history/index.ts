/** What is kept of builds: a row each, and a file with what was said. */
export { Recorder } from "./recorder.ts";
export { beginBuild, endBuild, forgetBuild, freeId } from "./rows.ts";
export { withoutUser } from "./secrets.ts";
