/** What can be said of a Dockerfile without building it. */
export { findingsOf } from "./known-findings.ts";
