import { splitPort } from "../../ports.ts";
import { buildkitRule } from "../rule.ts";

export default buildkitRule({
  name: "ExposeProtoCasing",
  description: "Protocol in EXPOSE instruction should be lowercase",
  bad: "FROM scratch\nEXPOSE 80/TCP\n",
  good: "FROM scratch\nEXPOSE 80/tcp\n",
  check({ analysis, report }) {
    for (const { expanded } of analysis.stages.flatMap((stage) => stage.instructions)) {
      for (const port of expanded.kind === "expose" ? expanded.ports : []) {
        const { protocol } = splitPort(port);
        if (protocol !== protocol.toLowerCase())
          report(expanded.location, `Defined protocol '${port}' in EXPOSE instruction should be lowercase`);
      }
    }
  },
});
