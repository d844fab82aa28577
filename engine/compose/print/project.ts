/** A project, or a document, as `compose config` prints it. Pure. */
import * as shape from "../model/shape.ts";
import type { Model } from "../project.ts";
import type { Service } from "../service.ts";
import type { Tree } from "../source/places.ts";
import { printJson } from "./json.ts";
import { type Face, type Ordered, shaped, sorted } from "./ordered.ts";
import { printYaml } from "./yaml.ts";

/** With a line end where docker compose has one: behind YAML. */
export function printProject(model: Model, face: Face): string {
  const ordered = shaped(model, shape.project, face, true);
  return print(face === "json" ? byName(ordered) : ordered, face);
}

/** A document that nothing has been given a type in. @param root plain values */
export function printDocument(root: Tree, face: Face): string {
  return print(sorted(root, face), face);
}

/** A service in one line of JSON, as it stands in `config --format json`. */
export function serviceJson(service: Service): string {
  return printJson(shaped(service, shape.service, "json"), 0);
}

function print(ordered: Ordered, face: Face): string {
  return face === "json" ? printJson(ordered, 2) : printYaml(ordered);
}

/** Go's way to write the top: sections by name, without language models. */
function byName(ordered: Map<string, Ordered>): Map<string, Ordered> {
  const entries = [...ordered].filter(([name]) => name !== "models");
  return new Map(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
}
