import { instruction } from "./instruction.ts";
import { expandPairs, parsePairs } from "./pairs.ts";

/** Adds metadata to the image. */
export default instruction({
  kind: "label",
  keyword: "LABEL",
  summary: "add labels to the image",
  usage: ["LABEL KEY=VALUE [KEY=VALUE…]", "LABEL KEY VALUE"],
  example: 'LABEL org.opencontainers.image.authors="me@example.org"',
  url: "https://docs.docker.com/reference/dockerfile/#label",
  shape: "pairs",
  flags: [],
  expands: "keys and values",
  parse: (statement) => ({ ...statement.base, kind: "label", labels: parsePairs(statement) }),
  expand: (label, expander) => ({ ...label, labels: expandPairs(label.labels, expander) }),
});
