/** Builds of a project as a file for `docker buildx bake`: what `build --print` prints. Pure. */
import type { BuildOptions } from "../../build/index.ts";
import { given } from "../create/amounts.ts";

/** @param builds by service */
export function printBake(builds: Readonly<Record<string, BuildOptions>>): string {
  const target = Object.fromEntries(Object.entries(builds).map(([name, build]) => [name, targetOf(build)]));
  return `${JSON.stringify({ group: { default: { targets: Object.keys(target) } }, target }, undefined, 2)}\n`;
}

function targetOf(build: BuildOptions): object {
  const pairs = (all: Record<string, string>[] | undefined) =>
    all?.map((each) =>
      Object.entries(each)
        .map(([key, value]) => `${key}=${value}`)
        .join(","),
    );
  const fields = (all: Record<string, string | undefined>) =>
    Object.entries(all)
      .flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`]))
      .join(",");
  return given({
    context: build.context,
    dockerfile: build.file,
    "dockerfile-inline": build.dockerfile,
    args: full(build.buildArgs),
    contexts: full(build.buildContexts),
    labels: full(build.labels),
    tags: build.tags,
    "cache-from": pairs(build.cacheFrom),
    "cache-to": pairs(build.cacheTo),
    target: build.target,
    secret: build.secrets?.map(({ id, file, env }) => fields({ id, type: file ? "file" : "env", src: file, env })),
    ssh: build.ssh?.map(({ id, paths }) => (paths.length > 0 ? `${id}=${paths.join(",")}` : id)),
    platforms: build.platform ? [build.platform] : undefined,
    pull: build.pull,
    "no-cache": build.noCache,
    "shm-size": build.shmSize,
    network: build.network,
    "extra-hosts": build.addHosts && Object.fromEntries(build.addHosts.map((each) => each.split(/:(.*)/s).slice(0, 2))),
    entitlements: build.allow?.length ? build.allow : undefined,
    output: ["type=docker"],
  });
}

const full = <Value>(all: Record<string, Value> | undefined) => (all && Object.keys(all).length > 0 ? all : undefined);
