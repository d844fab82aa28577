import { splitReference } from "../image-reference.ts";
import { berthRule } from "../rule.ts";

export default berthRule({
  name: "UnpinnedBaseImage",
  description: "A base image without a tag, or with the tag latest, changes under the build",
  bad: "FROM debian\n",
  good: "FROM debian:12\n",
  check({ analysis, report }) {
    for (const { stage, parent, image } of analysis.stages) {
      if (parent || image.word === "scratch" || image.word === "" || image.unmatched.size > 0) continue;
      const { name, tag, digest } = splitReference(image.word);
      if (digest !== undefined || (tag !== undefined && tag !== "latest")) continue;
      report(stage.from.location, `Base image ${JSON.stringify(image.word)} is not pinned: name a version, as in "${name}:VERSION"`);
    }
  },
});
