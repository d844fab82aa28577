import { berthRule } from "../rule.ts";
import { commandsOf } from "../shell-commands.ts";

export default berthRule({
  name: "CurlPipeShell",
  description: "A downloaded script that runs unseen can be any script",
  bad: "FROM debian:12\nRUN set -o pipefail; curl -fsSL https://example.org/install.sh | sh\n",
  good: "FROM debian:12\nADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d https://example.org/install.sh /tmp/\nRUN sh /tmp/install.sh\n",
  check({ dockerfile, report }) {
    for (const run of dockerfile.stages.flatMap((stage) => stage.instructions)) {
      if (run.kind !== "run") continue;
      const commands = commandsOf(run);
      const piped = commands.some(({ words, piped: isPiped }, index) => {
        const next = commands[index + 1]?.words ?? [];
        const program = next[0] === "sudo" ? next[1] : next[0];
        return isPiped && /^(curl|wget)$/.test(words[0] ?? "") && /^(ba|da|z|k|a)?sh$|^python[0-9.]*$/.test(program ?? "");
      });
      if (piped) report(run.location, "A downloaded script runs unverified: fetch it with ADD --checksum and run the file");
    }
  },
});
