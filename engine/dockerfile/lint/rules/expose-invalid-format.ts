import { splitPort } from "../../ports.ts";
import { buildkitRule } from "../rule.ts";

export default buildkitRule({
  name: "ExposeInvalidFormat",
  description: "IP address and host-port mapping should not be used in EXPOSE instruction. This will become an error in a future release",
  bad: "FROM scratch\nEXPOSE 8080:80\n",
  good: "FROM scratch\nEXPOSE 80\n",
  check({ analysis, report }) {
    for (const { expanded } of analysis.stages.flatMap((stage) => stage.instructions)) {
      for (const port of expanded.kind === "expose" ? expanded.ports : []) {
        const { ip, hostPort } = splitPort(port);
        if (ip === "" && hostPort === "") continue;
        report(expanded.location, `EXPOSE instruction should not define an IP address or host-port mapping, found '${port}'`);
      }
    }
  },
});
