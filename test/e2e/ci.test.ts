/** The example of continuous integration, from a source to what runs, against a registry of berth's own; offline. */
import { execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { dockerClients } from "../support/docker-clients.ts";
import { launcher } from "../support/driver.ts";
import { freePort } from "../support/ports.ts";
import { busyboxTar } from "../support/rootfs.ts";
import { home } from "../support/source-tree.ts";
import { outcomeOf, Program } from "./program.ts";

const folder = join(home, "examples/ci");
const work = mkdtempSync(join(tmpdir(), "berth-ci-"));
let registry: string;
let serving: ReturnType<typeof spawn>;

beforeAll(async () => {
  cpSync(folder, join(work, "ci"), { recursive: true });
  serving = spawn(launcher, ["registry", "serve", "--listen", "127.0.0.1:0", join(work, "registry")], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  registry = await new Promise((resolve, reject) => {
    let said = "";
    const listen = (chunk: Buffer) => {
      said += chunk;
      const [, address] = /listens on http:\/\/(\S+)/.exec(said) ?? [];
      if (address) resolve(address);
    };
    serving.stdout!.on("data", listen);
    serving.stderr!.on("data", listen);
    serving.on("exit", () => reject(new Error(said)));
  });
});
afterAll(async () => {
  serving.kill();
  await outcomeOf(serving);
  rmSync(work, { recursive: true });
});

const base = join(work, "base.tar");

/** A machine of its own, that has nothing but the base image: the same on all of them. */
async function machine(): Promise<Program> {
  const program = new Program();
  if (existsSync(base)) await program.ok(["load", "-i", base]);
  else {
    await program.ok(["import", busyboxTar(), "busybox"]);
    await program.ok(["save", "-o", base, "busybox"]);
  }
  return program;
}

async function run({ env }: Program, settings: Record<string, string>) {
  const PATH = `${join(home, "bin")}:${process.env["PATH"]}`;
  const all = { ...env, PATH, HOME: work, REGISTRY: registry, SOURCE_DATE_EPOCH: "1700000000", VERSION: "1.0", ...settings };
  return outcomeOf(spawn(join(work, "ci/ci.sh"), { env: all, stdio: ["ignore", "pipe", "pipe"] }));
}

test("what is tested is pushed, signed and runs; another machine takes its steps from the registry, and makes the same image", async () => {
  await using first = await machine();
  const port = await freePort();
  const reports = join(work, "reports");
  const { status, stderr } = await run(first, { REPORTS: reports, PORT: String(port) });
  expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
  const page = await (await fetch(`http://127.0.0.1:${port}/`)).text();
  expect(page).toContain("Hello from version 1.0.");
  expect(readFileSync(join(reports, "tests.xml"), "utf8")).toMatch(/<testsuites tests="\d+" failures="0" errors="0" skipped="0"/);
  expect(JSON.parse(readFileSync(join(reports, "sbom.spdx.json"), "utf8"))).toMatchObject({ spdxVersion: "SPDX-2.3" });
  const image = readFileSync(join(reports, "image.txt"), "utf8").trim();
  expect(image).toMatch(/greeter@sha256:[0-9a-f]{64}$/);
  const attested = await first.ok(["image", "attestations", "--format", "{{.PredicateType}} {{.Kept}} {{.IsSigned}}", image]);
  expect(attested.trim().split("\n").sort()).toEqual([
    "https://in-toto.io/attestation/test-result/v0.1 referrer yes",
    "https://slsa.dev/provenance/v1 index no",
    "https://spdx.dev/Document index no",
  ]);
  const id = await first.ok(["image", "inspect", "-f", "{{.Id}}", image]);
  await first.ok(["compose", "-p", "greeter", "down"]);

  await using second = await machine();
  const again = await run(second, { REPORTS: join(work, "again"), DEPLOY: "no" });
  expect(again.status).toBe(0);
  expect(again.stderr).toMatch(/\[site 3\/3\] RUN .*\n#\d+ CACHED/);
  expect(await second.ok(["image", "inspect", "-f", "{{.Id}}", `${registry}/greeter:1.0`])).toBe(id);
  expect(await second.ok(["ps", "-aq"])).toBe("");

  const clients = dockerClients();
  const inspected = (member: string) =>
    JSON.parse(
      execFileSync(
        join(clients, "docker"),
        ["buildx", "imagetools", "inspect", `${registry}/greeter:1.0`, "--format", `{{json ${member}}}`],
        {
          env: { PATH: process.env["PATH"], HOME: work, DOCKER_CONFIG: clients },
          encoding: "utf8",
        },
      ),
    );
  expect(inspected(".Provenance").SLSA.runDetails.builder.id).toBe("urn:berth:builder");
  expect(inspected(".SBOM").SPDX.spdxVersion).toBe("SPDX-2.3");
}, 180_000);

test("the pipelines call the script, in a directory that is there", () => {
  const read = (name: string) => parse(readFileSync(join(folder, name), "utf8"));
  const steps = read("github-actions.yml").jobs.image.steps as { run?: string; "working-directory"?: string }[];
  expect(steps.find((step) => step.run?.includes("./ci.sh"))).toMatchObject({ "working-directory": "examples/ci" });
  const { "image-job": job } = read("gitlab-ci.yml");
  expect(job.script).toEqual(["examples/ci/ci.sh"]);
  expect(job.artifacts.reports.junit).toBe("examples/ci/reports/tests.xml");
});
