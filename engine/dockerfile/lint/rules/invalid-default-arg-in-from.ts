import { isImageReference } from "../image-reference.ts";
import { buildkitRule } from "../rule.ts";

export default buildkitRule({
  name: "InvalidDefaultArgInFrom",
  ofFile: true,
  everywhere: true,
  description: "Default value for global ARG results in an empty or invalid base image name",
  bad: "ARG VERSION\nFROM debian:$VERSION\n",
  good: "ARG VERSION=12\nFROM debian:$VERSION\n",
  check({ analysis, report }) {
    for (const { stage, defaultImage } of analysis.stages) {
      if (defaultImage === undefined || isImageReference(defaultImage)) continue;
      report(stage.from.location, `Default value for ARG ${stage.from.image} results in empty or invalid base image name`);
    }
  },
});
