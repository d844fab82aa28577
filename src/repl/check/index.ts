/** What is wrong with a source before any of it runs. */
export { checkStatements, type Problem } from "./check.ts";
