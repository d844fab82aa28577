/** A container that fills the disk its own records lie on, by bytes or by inodes: it can be seen, stopped and removed. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { residue } from "../support/residue.ts";
import { busyboxTar } from "../support/rootfs.ts";
import { smallDisk } from "../support/small-disk.ts";
import { Program } from "./program.ts";

const isFull = /^WARNING: the disk of the state directory .* is full: no space or no inodes left on its file system\n$/;
const noRoom = /^berth: .*(no space|disk is full).*\nhint: /;

const fillers = [
  { what: "bytes", disk: "size=24M", command: ["yes"] },
  { what: "inodes", disk: "size=64M,nr_inodes=460", command: ["sh", "-c", 'i=0; while :; do touch "/f$i" 2>/dev/null; i=$((i+1)); done'] },
] as const;
const endings = ["kill", "stop", "rm -f"] as const;

test.each(fillers.flatMap((filler) => endings.map((ending) => ({ ...filler, ending }))))(
  "$what run out, then $ending",
  { timeout: 120_000 },
  async ({ disk: options, command, ending }) => {
    await using program = new Program();
    using disk = smallDisk(options);
    const root = join(disk.path, "state");
    const at = (...args: string[]) => program.run(["--root", root, ...args]);
    const ok = async (...args: string[]) => {
      const outcome = await at(...args);
      expect({ args, status: outcome.status, stderr: outcome.stderr }).toMatchObject({ args, status: 0 });
      return outcome.stdout;
    };
    await ok("import", busyboxTar(), "busybox");
    await ok("run", "-d", "--name", "other", "--restart", "always", "--network", "none", "busybox", "sleep", "1000");
    await ok("run", "-d", "--name", "greedy", "--network", "none", "--log-opt", "max-size=-1", "busybox", ...command);
    // The reserve is given up by one of these commands, and eaten as well.
    const states = ["ps", "--format", "{{.Names}} {{.State}}"];
    await eventually(async () => {
      expect(await at(...states)).toEqual({
        status: 0,
        stdout: "greedy running\nother running\n",
        stderr: expect.stringMatching(isFull),
      });
      expect((await at("create", "busybox", "sh")).stderr).toMatch(noRoom);
    });
    expect(await ok("inspect", "-f", "{{.State.Status}}", "greedy")).toBe("running\n");
    expect((await at("restart", "other")).stderr).toMatch(noRoom);
    expect((await at("update", "--restart", "no", "other")).stderr).toMatch(noRoom);
    await ok("stop", "-t", "0", "other");
    if (ending === "rm -f") await ok("rm", "-f", "greedy");
    else {
      await ok(...(ending === "kill" ? ["kill"] : ["stop", "-t", "0"]), "greedy");
      const { status, stdout } = await at("ps", "-a", "--format", "{{.Names}} {{.State}}");
      expect({ status, stdout }).toEqual({ status: 0, stdout: "greedy exited\nother exited\n" });
      await ok("rm", "greedy");
    }
    // What was stopped stays so, also where only a mode could say it.
    expect(await ok("ps", "-a", "--format", "{{.Names}} {{.State}}")).toBe("other exited\n");
    expect(await ok("start", "other")).toBe("other\n");
    expect(await ok("ps", "--format", "{{.Names}} {{.State}}")).toBe("other running\n");
    await ok("rm", "-f", "other");
    expect(await ok("run", "--rm", "--network", "none", "busybox", "echo", "fine")).toBe("fine\n");
    await ok("rmi", "busybox");
    expect(residue(root, { expectEmpty: true })).toEqual([]);
  },
);
