/** docker's client configuration: the directory that --config names, and what is taken from it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Program } from "./program.ts";

test("--config: formats of lists, where none is given; in the short executable and in Node", async () => {
  await using program = new Program();
  const directory = mkdtempSync(join(tmpdir(), "berth-config-"));
  const configure = (content: object | string) =>
    writeFileSync(join(directory, "config.json"), typeof content === "string" ? content : JSON.stringify(content));
  configure({ networksFormat: "{{.Name}} is {{.Driver}}", psFormat: "{{.Nope}}" });
  for (const quick of ["1", "0"]) {
    program.env["BERTH_QUICK"] = quick;
    const networks = (...words: string[]) => program.ok(["--config", directory, "network", "ls", "-f", "name=bridge", ...words]);
    expect(await networks()).toBe("bridge is bridge\n");
    expect(await networks("--format", "{{.Scope}}")).toBe("local\n");
    expect(await networks("-q")).toMatch(/^[0-9a-f]{12}\n$/);
    expect(await program.run(["--config", directory, "ps"])).toMatchObject({ status: 1 });
    expect(await program.run(["--config", "", "ps"])).toMatchObject({ status: 125 });
  }
  program.env["DOCKER_CONFIG"] = directory;
  configure({ pruneFilters: ["label!=keep", "damaged"] });
  const labelled = async (label: string) => (await program.ok(["network", "create", "--label", label, label])).trim();
  await labelled("keep");
  await labelled("drop");
  expect(await program.ok(["network", "prune", "-f"])).toBe("Deleted Networks:\ndrop\n\n");
  expect(await program.ok(["network", "prune", "-f", "--filter", "label=keep"])).toBe("Deleted Networks:\nkeep\n\n");
  configure({ networksFormat: "{{.Name}} is {{.Driver}}" });
  expect(await program.ok(["network", "ls", "-f", "name=none"])).toBe("none is null\n");
  configure("{"); // damaged: as if it were not there
  expect(await program.ok(["network", "ls"])).toMatch(/^NETWORK ID/);
  rmSync(directory, { recursive: true });
});
