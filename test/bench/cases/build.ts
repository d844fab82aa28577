/** Builds: everything from the cache, nothing from the cache, and what one RUN costs beside what it runs. Docker builds with BuildKit. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launcher } from "../../support/driver.ts";
import type { Case } from "../case.ts";
import { type Contender, image } from "../contender.ts";
import { timeOf } from "../measure.ts";

const files = 2000;
const manyFiles = 50_000;
/** Seconds, and how many stages take that long. */
const slow = 2;
const slowStages = 4;
const rebuilds = 10;

/** Three stages, twenty instructions, eleven of them RUN. */
const dockerfile = [
  ...[
    `FROM ${image} AS one`,
    "WORKDIR /src",
    "COPY . .",
    "RUN ls | wc -l > /count",
    "RUN cat 1/1 > /first",
    "RUN true",
    "RUN echo one > /one",
  ],
  ...[`FROM ${image} AS two`, "ENV MODE=fast", "RUN echo two > /two", "RUN mkdir /a", "RUN touch /a/b", "RUN chmod 700 /a"],
  ...[
    `FROM ${image}`,
    "COPY --from=one /count /one /",
    "COPY --from=two /two /",
    "RUN cat /one /two > /both",
    "RUN rm /count",
    "RUN echo last > /c",
  ],
  'CMD ["cat", "/both"]',
];

let made: string | undefined;

/** The build context, made when the first build asks for it, gone with the process. */
function context(): string {
  if (made) return made;
  const directory = mkdtempSync(join(tmpdir(), "berth-bench-context-"));
  process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
  for (let at = 0; at < files; at++) {
    if (at % 100 === 0) mkdirSync(join(directory, String(at / 100)));
    writeFileSync(join(directory, String(Math.floor(at / 100)), String(at % 100)), `${at}\n`.repeat(100));
  }
  writeFileSync(join(directory, "Dockerfile"), `${dockerfile.join("\n")}\n`);
  for (const count of [1, 11]) {
    mkdirSync(join(directory, `run${count}`));
    writeFileSync(join(directory, `run${count}`, "Dockerfile"), `FROM ${image}\n${"RUN true\n".repeat(count)}`);
  }
  made = directory;
  return directory;
}

let madeSmall: string | undefined;

/** What a small service's build is like: three stages, 300 files, a cache mount (here-documents are nothing for docker 20.10); and beside it a single RUN. */
function smallContext(): string {
  if (madeSmall) return madeSmall;
  const directory = mkdtempSync(join(tmpdir(), "berth-bench-small-"));
  process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
  mkdirSync(join(directory, "src"));
  for (let at = 0; at < 300; at++) writeFileSync(join(directory, "src", String(at)), `${at}\n`.repeat(50));
  const lines = [
    ...[`FROM ${image} AS deps`, "WORKDIR /app", "COPY src/1 .", "RUN --mount=type=cache,target=/cache cp 1 /cache/1"],
    ...[`FROM ${image} AS build`, "WORKDIR /app", "COPY src .", "RUN ls | wc -l > /count", "RUN cat 1 2 > /sum"],
    ...[`FROM ${image}`, "COPY --from=deps /app /app", "COPY --from=build /count /sum /"],
  ];
  writeFileSync(join(directory, "Dockerfile"), `${[...lines, 'CMD ["cat", "/count"]'].join("\n")}\n`);
  mkdirSync(join(directory, "one"));
  writeFileSync(join(directory, "one", "Dockerfile"), `FROM ${image}\nRUN echo one > /one\n`);
  madeSmall = directory;
  return directory;
}

let madeLarge: string | undefined;

/** 50,000 files of 8 KB, and a Dockerfile that copies them. */
function largeContext(): string {
  if (madeLarge) return madeLarge;
  const directory = mkdtempSync(join(tmpdir(), "berth-bench-large-"));
  process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
  for (let at = 0; at < manyFiles; at++) {
    const below = join(directory, String(Math.floor(at / 100)));
    if (at % 100 === 0) mkdirSync(below);
    writeFileSync(join(below, String(at % 100)), `${at} `.padEnd(8192, "x"));
  }
  writeFileSync(join(directory, "Dockerfile"), `FROM ${image}\nCOPY . /all/\n`);
  madeLarge = directory;
  return directory;
}

let madeStages: string | undefined;

/** Stages that need nothing of each other, and one that takes a file of each. */
function stagesContext(): string {
  if (madeStages) return madeStages;
  const directory = mkdtempSync(join(tmpdir(), "berth-bench-stages-"));
  process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
  const names = Array.from({ length: slowStages }, (_, at) => `s${at}`);
  const stages = names.map((name) => `FROM ${image} AS ${name}\nRUN sleep ${slow}; echo ${name} > /${name}\n`);
  const copies = names.map((name) => `COPY --from=${name} /${name} /\n`);
  writeFileSync(join(directory, "Dockerfile"), `${stages.join("")}FROM scratch\n${copies.join("")}`);
  madeStages = directory;
  return directory;
}

function build(contender: Contender, directory: string, ...options: string[]): number {
  return timeOf(contender.command("build", "-q", ...options, "-t", "bench-built", directory), {
    env: { ...process.env, DOCKER_BUILDKIT: "1" },
  });
}

export const cachedBuild: Case = {
  id: "build-cached",
  title: `build, all of it cached (20 instructions, ${files} files)`,
  aim: "≤ 0.6 of docker",
  runs: 10,
  sample: (contender) => build(contender, context()),
};

export const cachedSmallBuild: Case = {
  id: "build-cached-small",
  title: "build, all of it cached (3 stages, 300 files, a cache mount)",
  aim: "≤ 0.6 of docker",
  runs: 10,
  sample: (contender) => build(contender, smallContext()),
};

export const cachedRunBuild: Case = {
  id: "build-cached-run",
  title: "build, all of it cached (one RUN)",
  aim: "≤ 0.6 of docker",
  runs: 10,
  sample: (contender) => build(contender, join(smallContext(), "one")),
};

export const coldBuild: Case = {
  id: "build-cold",
  title: "build --no-cache of the same (11 RUN)",
  aim: "≤ 0.5 of docker, ≤ 0.3 of podman",
  runs: 5,
  sample: (contender) => build(contender, context(), "--no-cache"),
};

export const runTrue: Case = {
  id: "build-run",
  title: "RUN true, one more of them",
  aim: "≤ 60 ms with runc",
  runs: 5,
  sample(contender) {
    const [one, eleven] = ["run1", "run11"].map((name) => build(contender, join(context(), name), "--no-cache"));
    return (eleven! - one!) / 10;
  },
};

export const largeBuild: Case = {
  id: "build-large",
  title: `build, all of it cached, ${manyFiles} unchanged files of 8 KB`,
  aim: "≤ 1.0 of docker",
  runs: 3,
  sample: (contender) => build(contender, largeContext()),
};

export const residentBuild: Case = {
  id: "build-resident",
  title: `build, all of it cached, in one session, each (20 instructions, ${files} files)`,
  aim: "≤ 0.5 of docker",
  runs: 3,
  sample(contender) {
    const [program, ...args] = contender.command();
    if (program !== launcher) return build(contender, context());
    const lines = (count: number) => `build -q -t bench-built ${context()}\n`.repeat(count);
    const session = (count: number) => timeOf([program, ...args, "repl"], { input: lines(count) });
    return (session(rebuilds + 1) - session(1)) / rebuilds; // without its start and the first look at the context
  },
};

export const stagesBuild: Case = {
  id: "build-stages",
  title: `build --no-cache of ${slowStages} stages of ${slow} s that do not need each other`,
  aim: "≤ 2,600 ms",
  runs: 3,
  sample: (contender) => build(contender, stagesContext(), "--no-cache"),
};
