import { buildkitRule } from "../rule.ts";

export default buildkitRule({
  name: "NoEmptyContinuation",
  ofFile: true,
  description: "Empty continuation lines will become errors in a future release",
  bad: "FROM scratch\nCOPY a \\\n\n  /b\n",
  good: "FROM scratch\nCOPY a \\\n  /b\n",
  check({ dockerfile, report }) {
    for (const { location, message } of dockerfile.warnings) report(location, message);
  },
});
