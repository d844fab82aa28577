import { instruction } from "./instruction.ts";
import { expandPairs, parsePairs } from "./pairs.ts";

/** Sets variables for what follows in the stage and for containers of the image. */
export default instruction({
  kind: "env",
  keyword: "ENV",
  summary: "set environment variables",
  usage: ["ENV NAME=VALUE [NAME=VALUE…]", "ENV NAME VALUE"],
  example: 'ENV LANG=C.UTF-8 GREETING="hello world"',
  url: "https://docs.docker.com/reference/dockerfile/#env",
  shape: "pairs",
  flags: [],
  expands: "names and values, with the variables as they were before the instruction",
  parse: (statement) => ({ ...statement.base, kind: "env", variables: parsePairs(statement) }),
  expand: (env, expander) => ({ ...env, variables: expandPairs(env.variables, expander) }),
});
