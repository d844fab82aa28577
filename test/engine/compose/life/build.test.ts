import { expect, test } from "vitest";
import type { Project, Service } from "../../../../engine/compose/index.ts";
import { buildOf } from "../../../../engine/compose/life/build.ts";
import { planBuilds, withBuildNeeds } from "../../../../engine/compose/life/build-images.ts";

function project(service: Service, more: Partial<Project> = {}): Project {
  const model = { name: "app", services: { web: service } };
  const rest = { directory: "/src", files: [], environment: {}, profiles: [], values: { secrets: {}, configs: {} } };
  return { model, ...rest, disabled: {}, warnings: [], ...more };
}
const platforms = ["linux/amd64", "linux/arm64"];

test("several platforms make an index where an image for them is wanted, and are this host's where it is to run", () => {
  const service: Service = { build: { context: "/src", platforms } };
  expect(buildOf(project(service), "web", service).platform).toBe("linux/amd64,linux/arm64");
  expect(buildOf(project(service), "web", service, { forThisHost: true })).not.toHaveProperty("platform");
  const chosen = { ...service, platform: "linux/arm64" };
  expect(buildOf(project(chosen), "web", chosen, { forThisHost: true }).platform).toBe("linux/arm64");
});

test("what is attested is the file's word, and the command's over it", () => {
  const service: Service = { build: { context: "/src", provenance: "mode=max,version=v1", sbom: "true" } };
  const attested = (wishes = {}) => buildOf(project(service), "web", service, wishes).attests;
  expect(attested()).toEqual([
    { type: "provenance", attributes: { mode: "max", version: "v1" } },
    { type: "sbom", attributes: {} },
  ]);
  expect(attested({ provenance: "false", sbom: "generator=x" })).toEqual([
    { type: "provenance", attributes: { disabled: "true" } },
    { type: "sbom", attributes: { generator: "x" } },
  ]);
  expect(() => attested({ sbom: "perhaps" })).toThrow(/invalid value "perhaps" for sbom/);
  const plain: Service = { build: { context: "/src" } };
  expect(buildOf(project(plain), "web", plain)).not.toHaveProperty("attests");
});

test("proxies of the user's configuration are arguments, unless the file has them", () => {
  const service: Service = { build: { context: "/src", args: { no_proxy: "own" } } };
  const { buildArgs } = buildOf(project(service, { proxies: { http_proxy: "p", no_proxy: "n" } }), "web", service);
  expect(buildArgs).toEqual({ http_proxy: "p", no_proxy: "own" });
});

test("--compatibility names the image, and what another service builds", () => {
  const service: Service = { build: { context: "/src", additional_contexts: { other: "service:web" } } };
  const { tags, buildContexts } = buildOf(project(service, { separator: "_" }), "web", service);
  expect({ tags, buildContexts }).toEqual({ tags: ["app_web"], buildContexts: { other: "docker-image://app_web" } });
});

test("of builds from one Dockerfile the first goes ahead; the same build under another name is taken from the cache", () => {
  const services: Record<string, Service> = {
    api: { build: { context: "/src", target: "api" } },
    base: { build: { context: "/base" } },
    twin: { build: { context: "/src", target: "api", tags: ["more"], labels: { a: "b" } } },
    uses: { build: { context: "/src", target: "api", additional_contexts: { base: "service:base" } } },
    worker: { build: { context: "/src", target: "worker" } },
  };
  const all = { ...project({}), model: { name: "app", services } };
  const planned = planBuilds(all, Object.keys(services), { noCache: true });
  const told = [...planned].map(([name, { after, options }]) => `${name} after ${after.join(" ") || "none"}: ${options.noCache}`);
  expect(told).toEqual([
    "api after none: true",
    "base after none: true",
    "twin after api: false",
    "uses after base api: true",
    "worker after api: true",
  ]);
});

test("what a build's contexts come from is built with it, whatever was chosen", () => {
  const base: Service = { image: "corp/base", build: { context: "/base" } };
  const uses = (name: string): Service => ({ build: { context: "/src", additional_contexts: { base: `service:${name}` } } });
  const chosen = project(uses("middle"), { disabled: { middle: uses("base"), base, other: base } });
  const names = withBuildNeeds(chosen, ["web"]);
  expect(names).toEqual(["web", "middle", "base"]);
  const planned = planBuilds(chosen, names, {});
  expect(planned.get("web")).toMatchObject({ after: ["middle"], options: { buildContexts: { base: "docker-image://app-middle" } } });
  expect(planned.get("middle")).toMatchObject({ after: ["base"], options: { buildContexts: { base: "docker-image://corp/base" } } });
});

test("without bake, or without BuildKit, the images of what a service depends on come first", () => {
  const on = (name: string) => ({ depends_on: { [name]: { condition: "service_started" as const, required: true } } });
  const build = { context: "/src", dockerfile: "own" };
  const services = { base: { build: { context: "/src" } }, between: { image: "i", ...on("base") }, web: { build, ...on("between") } };
  const model = { name: "app", services };
  const after = (environment: Record<string, string>) =>
    planBuilds(project({}, { model, environment }), ["base", "web"], {}).get("web")!.after;
  expect(after({})).toEqual([]);
  expect(after({ COMPOSE_BAKE: "true" })).toEqual([]);
  expect(after({ COMPOSE_BAKE: "false" })).toEqual(["base"]);
  expect(after({ DOCKER_BUILDKIT: "0" })).toEqual(["base"]);
});

test("a secret from a variable is what the project has for it", () => {
  const service: Service = { build: { context: "/src", secrets: [{ source: "token" }] } };
  const model = { name: "app", services: { web: service }, secrets: { token: { name: "app_token", environment: "TOKEN" } } };
  const { secrets } = buildOf(project(service, { model, environment: { TOKEN: "of .env" } }), "web", service);
  expect(secrets).toEqual([{ id: "token", env: "TOKEN", value: "of .env" }]);
});
