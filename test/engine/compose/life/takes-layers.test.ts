import { expect, test } from "vitest";
import type { Project, Service } from "../../../../engine/compose/index.ts";
import { type ImageWishes, takesLayers } from "../../../../engine/compose/index.ts";
import { fakeEngine, image } from "../../../support/fake-engine.ts";

const engine = fakeEngine();
engine.images.push(image("here:latest"));

function project(service: Service, more: Partial<Project["model"]> = {}): Project {
  const model = { name: "app", services: { web: service }, ...more };
  return {
    model,
    directory: "/",
    files: [],
    environment: {},
    profiles: [],
    values: { secrets: {}, configs: {} },
    disabled: {},
    warnings: [],
  };
}
const config = (source: string, mode?: string) => ({ configs: [{ source, ...(mode && { mode }) }] });

test.each<[string, Project, ImageWishes, boolean]>([
  ["an image that is here", project({ image: "here" }), {}, false],
  ["one that is pulled all the same", project({ image: "here" }), { pull: "always" }, true],
  ["one that is not here", project({ image: "away" }), {}, true],
  ["one that is not here, and must not be pulled", project({ image: "away" }), { pull: "never" }, false],
  ["a build", project({ build: { context: "/" } }), {}, true],
  ["a file of the host", project({ image: "here", ...config("c") }, { configs: { c: { name: "c", file: "/etc/hosts" } } }), {}, false],
  ["with a mode", project({ image: "here", ...config("c", "0400") }, { configs: { c: { name: "c", file: "/etc/hosts" } } }), {}, true],
  ["a file of the project's", project({ image: "here", ...config("c") }, { configs: { c: { name: "c", content: "x" } } }), {}, true],
  ["a volume", project({ image: "here" }, { volumes: { v: { name: "app_v" } } }), {}, false],
  ["a volume of a kind", project({ image: "here" }, { volumes: { v: { name: "app_v", driver_opts: { type: "tmpfs" } } } }), {}, true],
  ["somebody's volume", project({ image: "here" }, { volumes: { v: { name: "v", external: true } } }), {}, true],
])("%s", async (_, all, wishes, expected) => {
  expect(await takesLayers(engine.engine, all, wishes)).toBe(expected);
});
