import { buildkitRule } from "../rule.ts";

/** A whole word of the name, words being parted by underscores. */
const secret = /(?:_|^)(?:apikey|auth|credential|credentials|key|password|pword|passwd|secret|token)(?:_|$)/i;
const harmless = /(?:_|^)(?:public|file|version)(?:_|$)/i;

export default buildkitRule({
  name: "SecretsUsedInArgOrEnv",
  description: "Sensitive data should not be used in the ARG or ENV commands",
  bad: "FROM scratch\nARG AWS_SECRET_KEY\n",
  good: "FROM scratch\nRUN --mount=type=secret,id=aws true\n",
  check({ dockerfile, report }) {
    for (const instruction of dockerfile.stages.flatMap((stage) => stage.instructions)) {
      const pairs = instruction.kind === "env" ? instruction.variables : instruction.kind === "arg" ? instruction.args : [];
      for (const { key } of pairs) {
        if (!secret.test(key) || harmless.test(key)) continue;
        const keyword = instruction.kind.toUpperCase();
        report(instruction.location, `Do not use ARG or ENV instructions for sensitive data (${keyword} ${JSON.stringify(key)})`);
      }
    }
  },
});
