import { describe, expect, test } from "vitest";
import type { BuildFacts } from "../../../engine/attest/index.ts";
import { provenanceOf } from "../../../engine/attest/provenance/slsa.ts";
import { attestsOf } from "../../../engine/build/plan/index.ts";

const facts: BuildFacts = {
  invocation: "one",
  started: "2026-01-01T00:00:00.000Z",
  finished: "2026-01-01T00:00:01.000Z",
  builder: { id: "https://ci.example.com/1", version: "1" },
  machine: "linux/amd64",
  dockerfile: { name: "Dockerfile", text: "FROM app\n" },
  remote: {
    url: "https://me:word@example.com/r.git#v1",
    material: { kind: "git", url: "https://me:word@example.com/r.git#v1", commit: "c".repeat(40) },
  },
  parameters: { target: "app", "build-arg:TOKEN": "told", "label:a": "b" },
  secrets: ["npm"],
  ssh: ["default"],
  locals: [],
  materials: [
    { kind: "image", name: "docker.io/library/python:3.9", platform: "linux/arm64", digest: `sha256:${"a".repeat(64)}` },
    { kind: "image", name: `ghcr.io/o/app@sha256:${"b".repeat(64)}`, platform: "linux/amd64", digest: `sha256:${"b".repeat(64)}` },
    { kind: "http", url: "https://user:pass@example.com/a.tar?x=1", digest: `sha256:${"d".repeat(64)}` },
  ],
  reachesNetwork: false,
  vcs: { revision: "e".repeat(40) },
};

const dependencies = [
  { uri: "pkg:docker/python@3.9?platform=linux%2Farm64", digest: { sha256: "a".repeat(64) } },
  { uri: `pkg:docker/ghcr.io/o/app?digest=sha256%3A${"b".repeat(64)}&platform=linux%2Famd64`, digest: { sha256: "b".repeat(64) } },
  { uri: "https://example.com/a.tar?x=1", digest: { sha256: "d".repeat(64) } },
];
const source = { uri: "https://example.com/r.git#v1", digest: { sha1: "c".repeat(40) } };

describe("SLSA v1", () => {
  test("mode max tells all but secrets", () => {
    expect(provenanceOf(facts, { mode: "max", version: "v1" })).toEqual({
      predicateType: "https://slsa.dev/provenance/v1",
      predicate: {
        buildDefinition: {
          buildType: "https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md",
          externalParameters: {
            configSource: { ...source, path: "Dockerfile" },
            request: {
              frontend: "dockerfile.v0",
              args: { "build-arg:TOKEN": "told", "label:a": "b", target: "app" },
              secrets: [{ id: "npm", optional: true }],
              ssh: [{ id: "default", optional: true }],
            },
          },
          internalParameters: { builderPlatform: "linux/amd64" },
          resolvedDependencies: dependencies,
        },
        runDetails: {
          builder: { id: "https://ci.example.com/1", version: { berth: "1" } },
          metadata: {
            invocationId: "one",
            startedOn: facts.started,
            finishedOn: facts.finished,
            buildkit_metadata: {
              vcs: { revision: "e".repeat(40) },
              source: { infos: [{ filename: "Dockerfile", language: "Dockerfile", data: Buffer.from("FROM app\n").toString("base64") }] },
            },
            buildkit_hermetic: true,
            buildkit_completeness: { request: true, resolvedDependencies: true },
            buildkit_reproducible: false,
          },
        },
      },
    });
  });

  test("mode min leaves out what may be secret, and says that it is not all", () => {
    const text = JSON.stringify(provenanceOf(facts, { mode: "min", version: "v1" }).predicate);
    expect(text).toContain('"args":{"target":"app"}');
    expect(text).toContain('"request":false');
    expect(text).not.toMatch(/told|npm|"ssh"|RlJPTSBhcHAK|word|pass@/);
  });
});

test("SLSA v0.2 says the same in its own places", () => {
  const { predicateType, predicate } = provenanceOf(
    { ...facts, locals: ["context", "dockerfile"], reachesNetwork: true },
    { mode: "min", version: "v0.2", reproducible: true },
  );
  expect(predicateType).toBe("https://slsa.dev/provenance/v0.2");
  expect(predicate).toMatchObject({
    builder: { id: "https://ci.example.com/1" },
    buildType: "https://mobyproject.org/buildkit@v1",
    materials: dependencies,
    invocation: {
      configSource: { ...source, entryPoint: "Dockerfile" },
      parameters: { frontend: "dockerfile.v0", args: { target: "app" }, locals: [{ name: "context" }, { name: "dockerfile" }] },
      environment: { platform: "linux/amd64" },
    },
    metadata: {
      completeness: { parameters: false, environment: true, materials: false },
      reproducible: true,
      "https://mobyproject.org/buildkit@v1#hermetic": false,
    },
  });
});

describe("what is to be attested", () => {
  const of = (type: string, attributes: Record<string, string> = {}) => attestsOf({ attests: [{ type, attributes }] });

  test("nothing, unless it is asked for", () => {
    expect(attestsOf({})).toEqual({ bills: [], inlineOnly: false });
    expect(of("sbom", { disabled: "true" })).toEqual({ bills: [], inlineOnly: false });
  });

  test("by buildx's attributes, the last of a type", () => {
    expect(of("provenance")).toMatchObject({ provenance: { mode: "min", version: "v1" } });
    expect(of("provenance", { mode: "max", version: "v0.2", "builder-id": "x", reproducible: "true", "inline-only": "true" })).toEqual({
      provenance: { mode: "max", version: "v0.2", builderId: "x", reproducible: true },
      bills: [],
      inlineOnly: true,
    });
    expect(of("sbom", { format: "spdx+cyclonedx" }).bills).toEqual(["spdx-json", "cyclonedx-json"]);
    const both: NonNullable<Parameters<typeof attestsOf>[0]["attests"]> = [
      { type: "sbom", attributes: {} },
      { type: "sbom", attributes: { disabled: "true" } },
    ];
    expect(attestsOf({ attests: both }).bills).toEqual([]);
  });

  test.each([
    ["vuln", {}, 'cannot attest "vuln" of a build'],
    ["provenance", { mode: "all" }, 'invalid mode "all"'],
    ["provenance", { version: "v2" }, 'invalid version "v2"'],
    ["provenance", { reproducible: "maybe" }, 'invalid value "maybe" for "reproducible"'],
    ["sbom", { format: "swid" }, 'invalid format "swid"'],
    ["sbom", { generator: "docker/scanner" }, 'cannot attest type=sbom with "generator"'],
  ])("%s %j is refused", (type, attributes, message) => {
    expect(() => of(type, attributes)).toThrow(message);
  });
});
