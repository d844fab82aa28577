/** What the rules of retention let go: never what is kept, never what refers to something before that, all that nothing needs any more. */
import { randomBytes } from "node:crypto";
import { readdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  type Held,
  type HeldManifest,
  planRetention,
  type RetentionRule,
  rulesFor,
} from "../../../../engine/registry/server/storage/retention.ts";
import fc from "../../../support/property.ts";
import { digestOf, pushImage, startServer, types } from "./scene.ts";

const day = 86_400_000;
const now = 1000 * day;
const digest = (name: string) => digestOf(name);
const sigTag = (name: string, suffix = ".sig") => `${digest(name).replace(":", "-")}${suffix}`;

interface Scene {
  /** Days since the push, and what belongs to it, by name. */
  manifests: Record<string, { age: number; subject?: string; parts?: string[] }>;
  /** What each stands for, and the days since its push. */
  tags: Record<string, [string, number]>;
}

function held({ manifests, tags }: Scene): Held {
  const manifest = ({ age, subject, parts = [] }: Scene["manifests"][string]): HeldManifest => ({
    pushed: now - age * day,
    parts: parts.map(digest),
    ...(subject !== undefined && { subject: digest(subject) }),
  });
  return {
    manifests: new Map(Object.entries(manifests).map(([name, each]) => [digest(name), manifest(each)])),
    tags: new Map(Object.entries(tags).map(([tag, [name, age]]) => [tag, { digest: digest(name), pushed: now - age * day }])),
  };
}

/** Names of what goes, in its order. */
function leaving(scene: Scene, rule: Partial<RetentionRule> | Partial<RetentionRule>[], isKept = (_: string) => false): string[] {
  const names = new Map(Object.keys(scene.manifests).map((name) => [digest(name), name]));
  const rules = [rule].flat().map((each) => ({ repositories: ["**"], ...each }));
  return planRetention(held(scene), rules, isKept, now).map(({ tag, digest: of }) => (tag === undefined ? names.get(of!)! : `:${tag}`));
}

const three: Scene = {
  manifests: { one: { age: 30 }, two: { age: 20 }, three: { age: 1 } },
  tags: { v1: ["one", 30], v2: ["two", 20], v3: ["three", 1] },
};

describe("tags", () => {
  test.each<[string, Partial<RetentionRule> | Partial<RetentionRule>[], string[]]>([
    ["the last ones stay", { last: 2 }, ["one"]],
    ["none need stay", { last: 0 }, ["one", "two", "three"]],
    ["the young ones stay", { age: 10 * day }, ["one", "two"]],
    ["what either lets stay, stays", { last: 2, age: 10 * day }, ["one"]],
    ["those kept are not counted", { last: 1, keep: ["v3"] }, ["one"]],
    ["only those that it is about", { last: 0, tags: ["v1", "x*"] }, ["one"]],
    ["the first rule for a tag decides", [{ age: 1000 * day, tags: ["v1"] }, { last: 0 }], ["two", "three"]],
    ["what one rule keeps no other lets go", [{ last: 0 }, { untagged: 0, keep: ["v2"] }], ["one", "three"]],
    ["nothing without a word about tags", { untagged: 0 }, []],
  ])("%s", (_, rule, gone) => {
    expect(leaving(three, rule).toSorted()).toEqual(gone.toSorted());
  });

  test("immutable ones stay", () => {
    expect(leaving(three, { last: 0 }, (tag) => tag === "v1").toSorted()).toEqual(["three", "two"]);
  });

  test("a manifest stays with one of its tags", () => {
    const scene: Scene = { manifests: { one: { age: 9 } }, tags: { old: ["one", 9], latest: ["one", 1] } };
    expect(leaving(scene, { age: 5 * day })).toEqual([":old"]);
    expect(leaving(scene, { age: 0 })).toEqual(["one"]);
  });
});

describe("what belongs to something", () => {
  const signed: Scene = {
    manifests: {
      ...{ old: { age: 30 }, young: { age: 1 } },
      ...{ oldSig: { age: 29 }, youngSig: { age: 29 }, sbom: { age: 29, subject: "old" }, sbomSig: { age: 29, subject: "sbom" } },
    },
    tags: {
      ...{ old: ["old", 30], young: ["young", 1] },
      ...{ [sigTag("old")]: ["oldSig", 29], [sigTag("young")]: ["youngSig", 29] },
    },
  };

  test("goes with its subject, behind it, however young or old", () => {
    const gone = leaving(signed, { last: 1, untagged: 0 });
    expect(gone.toSorted()).toEqual(["old", "oldSig", "sbom", "sbomSig"]);
    expect(gone[0]).toBe("old");
    expect(gone.indexOf("sbom")).toBeLessThan(gone.indexOf("sbomSig"));
  });

  test("is no tag that is counted, and never goes before its subject", () => {
    expect(leaving(signed, { last: 2, untagged: 0 })).toEqual([]);
    expect(leaving(signed, { age: 40 * day, untagged: 0 })).toEqual([]);
  });

  test("stays with a tag of its own, and goes as others do when its subject is not there", () => {
    expect(leaving({ ...signed, tags: { ...signed.tags, mine: ["sbom", 1] } }, { last: 2, tags: ["old", "young"], untagged: 0 })).toEqual(
      [],
    );
    const tags: Scene["tags"] = { ...signed.tags, "sbom-1": ["sbom", 29] };
    expect(leaving({ ...signed, tags }, { last: 0, tags: ["old"] }).toSorted()).toEqual(["old", "oldSig"]);
    const orphan: Scene = { manifests: { sig: { age: 9 }, sbom: { age: 9, subject: "gone" } }, tags: { [sigTag("gone")]: ["sig", 9] } };
    expect(leaving(orphan, { age: 5 * day, untagged: 5 * day }).toSorted()).toEqual(["sbom", "sig"]);
  });

  test("parts of an index go behind it when no other has them", () => {
    const scene: Scene = {
      manifests: { all: { age: 9, parts: ["amd", "arm"] }, new: { age: 1, parts: ["arm"] }, amd: { age: 1 }, arm: { age: 9 } },
      tags: { "1": ["all", 9], "2": ["new", 1] },
    };
    expect(leaving(scene, { last: 1 })).toEqual(["all", "amd"]);
    expect(leaving(scene, { untagged: 0 })).toEqual([]);
  });
});

test("untagged manifests go after a while", () => {
  const scene: Scene = { manifests: { old: { age: 9 }, young: { age: 1 } }, tags: {} };
  expect(leaving(scene, { untagged: 5 * day })).toEqual(["old"]);
  expect(leaving(scene, { last: 0 })).toEqual([]);
});

test("rules are for some repositories", () => {
  const rules = [
    { repositories: ["a/*"], last: 1 },
    { repositories: ["b"], last: 2 },
  ];
  expect([rulesFor(rules, "a/x"), rulesFor(rules, "b"), rulesFor(rules, "c")]).toEqual([[rules[0]], [rules[1]], []]);
});

test("whatever is there: nothing that stays loses anything, and a second look lets nothing more go", () => {
  const name = fc.constantFrom("a", "b", "c", "d", "e");
  const age = fc.integer({ min: 0, max: 20 });
  // No manifest names one that comes behind it: digests allow no circles.
  const manifest = fc.record({ age, subject: fc.option(name, { nil: undefined }), parts: fc.uniqueArray(name, { maxLength: 3 }) });
  const scene = fc
    .record({
      manifests: fc.dictionary(name, manifest),
      tags: fc.dictionary(
        fc.oneof(
          fc.constantFrom("1", "2", "3", "keep"),
          name.map((each) => sigTag(each)),
        ),
        fc.tuple(name, age),
      ),
    })
    .map(({ manifests, tags }) => ({
      manifests: Object.fromEntries(
        Object.entries(manifests).map(([own, { age: old, subject, parts }]) => [
          own,
          { age: old, parts: parts.filter((each) => each < own), ...(subject !== undefined && subject < own && { subject }) },
        ]),
      ),
      tags: Object.fromEntries(Object.entries(tags).filter(([tag, [own]]) => own in manifests && tag !== sigTag(own))) as Scene["tags"],
    }));
  const rule = fc.record(
    { last: fc.nat(3), age: fc.nat(20 * day), untagged: fc.nat(20 * day), keep: fc.constant(["keep"]) },
    { requiredKeys: ["keep"] },
  );
  fc.assert(
    fc.property(scene, rule, (before, rules) => {
      const gone = leaving(before, rules);
      const left = (own: string) => !gone.includes(own);
      const manifests = Object.fromEntries(Object.entries(before.manifests).filter(([own]) => left(own)));
      const tags = Object.fromEntries(Object.entries(before.tags).filter(([tag, [own]]) => left(own) && left(`:${tag}`)));
      expect(tags["keep"]).toEqual(before.tags["keep"]);
      for (const [own, { subject, parts = [] }] of Object.entries(manifests)) {
        for (const part of parts) expect(part in manifests).toBe(part in before.manifests);
        const attached = Object.entries(before.manifests).filter(([, each]) => each.subject === own);
        for (const [each] of attached) expect([own, each in manifests]).toEqual([own, true]);
        expect(subject === undefined || subject in manifests || left(own)).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});

test("a registry lets go of them with their contents, while pushes run; a dry run changes nothing", async () => {
  const retention: RetentionRule[] = [{ repositories: ["ci/*"], last: 1, keep: ["stable"], untagged: 0 }];
  await using server = await startServer({ storage: { retention } });
  const tagFile = (tag: string) => join(server.root, "repositories/ci/app/_tags", tag);
  const images = [];
  for (const [at, tag] of ["1", "2", "stable", "3"].entries()) {
    images.push(await pushImage(server, "ci/app", tag));
    utimesSync(tagFile(tag), at, at);
  }
  const [one, two] = images as [(typeof images)[0], (typeof images)[0]];
  const subject = { mediaType: types.manifest, digest: one.digest, size: one.size };
  const signature = await pushImage(server, "ci/app", "signature", { subject });
  await server.call("DELETE", "/v2/ci/app/manifests/signature");
  await pushImage(server, "other", "1");
  const files = () => readdirSync(server.root, { recursive: true }).toSorted();
  const before = files();
  const dry = await server.storage.collect(-1000, true);
  expect(files()).toEqual(before);
  expect(dry.gone.filter(({ repository }) => repository)).toEqual([
    { repository: "ci/app", digest: two.digest, why: 'its tag "2" goes: not one of the last 1' },
    { repository: "ci/app", digest: one.digest, why: 'its tag "1" goes: not one of the last 1' },
    { repository: "ci/app", digest: signature.digest, why: `it refers to ${one.digest}, which goes` },
  ]);
  let isOver = false;
  const pushing = (async () => {
    for (let at = 0; !isOver; at++) {
      const layer = randomBytes(100);
      const whole = await pushImage(server, "ci/busy", `t${at}`, { annotations: { unlike: layer.toString("hex") } });
      expect([201, 404]).toContain(whole.reply.status); // 404: its blobs were collected, as there is no grace here
    }
  })();
  const real = await server.storage.collect(-1000);
  isOver = true;
  await pushing;
  expect(real.gone).toEqual(expect.arrayContaining(dry.gone));
  const { tags } = (await server.call("GET", "/v2/ci/app/tags/list")).json;
  expect(tags).toEqual(["3", "stable"]);
  for (const tag of tags) expect((await server.call("GET", `/v2/ci/app/manifests/${tag}`)).status).toBe(200);
  for (const gone of [one, two, signature]) expect((await server.call("HEAD", `/v2/ci/app/manifests/${gone.digest}`)).status).toBe(404);
  expect((await server.call("HEAD", "/v2/other/manifests/1")).status).toBe(200);
});
