/** Libraries of others that speak docker's API, as npm has them, in the cache of the tests: a hundred packages that nothing else needs. */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { cached } from "./rootfs.ts";

const versions = { dockerode: "5.0.1", testcontainers: "12.0.4" };

/** Loads one; installs them when they are not there, which takes a while. None of their install scripts is run. */
export function npmClient(name: keyof typeof versions): unknown {
  const directory = cached(`clients-${Object.values(versions).join("-")}`, (target) => {
    mkdirSync(target);
    writeFileSync(join(target, "package.json"), JSON.stringify({ private: true, dependencies: versions }));
    execFileSync("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: target, stdio: ["ignore", "ignore", "pipe"] });
  });
  return createRequire(join(directory, "package.json"))(name);
}
