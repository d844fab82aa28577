import type { InstructionBase } from "../statement.ts";
import { instruction } from "./instruction.ts";
import { expandPairs, historyOf, type KeyValue, pairs, parsePairs } from "./pairs.ts";

export interface LabelInstruction extends InstructionBase {
  kind: "label";
  labels: KeyValue[];
}

/** Adds metadata to the image. */
export default instruction<LabelInstruction>({
  kind: "label",
  keyword: "LABEL",
  summary: "add labels to the image",
  usage: ["LABEL KEY=VALUE [KEY=VALUE…]", "LABEL KEY VALUE"],
  example: 'LABEL org.opencontainers.image.authors="me@example.org"',
  url: "https://docs.docker.com/reference/dockerfile/#label",
  shape: pairs,
  flags: [],
  change: true,
  expands: "keys and values",
  parse: (statement) => ({ ...statement.base, kind: "label", labels: parsePairs(statement) }),
  expand: (label, expander) => ({ ...label, labels: expandPairs(label.labels, expander) }),
  configure({ config }, { labels }) {
    config.Labels = { ...config.Labels, ...Object.fromEntries(labels.map(({ key, value }) => [key, value])) };
  },
  history: ({ labels }) => `LABEL ${historyOf(labels)}`,
});
