import { splitVariable } from "../configured.ts";
import type { InstructionBase } from "../statement.ts";
import { instruction } from "./instruction.ts";
import { expandPairs, historyOf, type KeyValue, pairs, parsePairs } from "./pairs.ts";

export interface EnvInstruction extends InstructionBase {
  kind: "env";
  variables: KeyValue[];
}

/** Sets variables for what follows in the stage and for containers of the image. */
export default instruction<EnvInstruction>({
  kind: "env",
  keyword: "ENV",
  summary: "set environment variables",
  usage: ["ENV NAME=VALUE [NAME=VALUE…]", "ENV NAME VALUE"],
  example: 'ENV LANG=C.UTF-8 GREETING="hello world"',
  url: "https://docs.docker.com/reference/dockerfile/#env",
  shape: pairs,
  flags: [],
  change: true,
  expands: "names and values, with the variables as they were before the instruction",
  parse: (statement) => ({ ...statement.base, kind: "env", variables: parsePairs(statement) }),
  expand: (env, expander) => ({ ...env, variables: expandPairs(env.variables, expander) }),
  configure(to, { variables }) {
    for (const { key, value } of variables) {
      to.config.Env = setEnv(to.config.Env ?? [], key, value);
      to.environment.set(key, value);
    }
  },
  history: ({ variables }) => `ENV ${historyOf(variables)}`,
});

/** Sets a variable of the image: replaces in place, else appends, as docker does. */
function setEnv(env: string[], key: string, value: string): string[] {
  const at = env.findIndex((entry) => splitVariable(entry)[0] === key);
  return at < 0 ? [...env, `${key}=${value}`] : env.with(at, `${key}=${value}`);
}
