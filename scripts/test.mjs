// `npm test`: types, style, then every test with the Node that this package brings. Ends with vitest's summary and one
// plain line of counts; the status is 0 only when everything passed and nothing was skipped without a reason.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { home } from "./sources.mjs";

const bin = join(home, "node_modules", ".bin");
const node = join(bin, "node");
const scratch = mkdtempSync(join(tmpdir(), "berth-counts-"));
const counts = join(scratch, "counts.json");
/** Where test/support/rootfs.ts keeps what it makes. */
const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "berth-test");
const env = { ...process.env, PATH: `${bin}:${process.env.PATH}:${cache}`, BERTH_TEST_COUNTS: counts };

/** `npm run check`: types and style alone. Other words, after `npm test --`, go to vitest: file filters and its flags. */
const onlyChecks = process.argv[2] === "--check";
const chosen = process.argv.slice(2);

const checks = [
  { name: "types: engine", command: ["tsc", "--noEmit", "-p", "engine"] },
  { name: "types: src", command: ["tsc", "--noEmit", "-p", "src"] },
  { name: "types: all", command: ["tsc", "--noEmit", "-p", "tsconfig.json"] },
  { name: "style", command: ["biome", "check", "--config-path=scripts/biome.json", "--error-on-warnings", "."] },
];
const images = { name: "test images (minutes the first time)", command: [node, "test/support/rootfs.ts", "busybox", "python"] };
const registry = { name: "test registry", command: [node, "test/support/rootfs.ts", "docker-registry"] };
const tests = { name: "tests", command: ["vitest", "run", "--config", "test/vitest.config.ts", ...chosen] };

function run({ name, command: [program, ...args] }) {
  process.stdout.write(`\n> ${name}\n`);
  const { status, error } = spawnSync(program, args, { cwd: home, env, stdio: "inherit" });
  if (error) process.stdout.write(`cannot run ${program}: ${error.message}\n`);
  return status ?? 1;
}

function readCounts() {
  try {
    return JSON.parse(readFileSync(counts, "utf8"));
  } catch {
    return { passed: 0, failed: 1, skipped: 0, unexpectedSkips: [] }; // vitest did not come to its end
  }
}

/** Runs every step; how many failed, and the first such status. */
function runAll(steps) {
  const failures = steps.map((step) => ({ name: step.name, status: run(step) })).filter(({ status }) => status !== 0);
  for (const { name } of failures) process.stdout.write(`\n${name}: failed\n`);
  return { failed: failures.length, status: failures[0]?.status ?? 0 };
}

/** All of it, whatever fails on the way: a misplaced comma must not hide what the tests have to say. */
function runTests() {
  const before = runAll([...checks, images]);
  run(registry); // without it, what needs it is skipped and says so
  const status = run(tests);
  const { passed, failed, skipped, unexpectedSkips } = readCounts();
  for (const each of unexpectedSkips) process.stdout.write(`unexpected skip: ${each}\n`);
  const failures = before.failed + failed + unexpectedSkips.length;
  process.stdout.write(`${passed} passed, ${failures} failed${skipped > 0 ? `, ${skipped} skipped` : ""}\n`);
  return before.status || status || (failures > 0 ? 1 : 0);
}

try {
  process.exitCode = onlyChecks ? runAll(checks).status : runTests();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
