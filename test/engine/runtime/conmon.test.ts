/** The monitor's start when the machine is busy. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { findProgram } from "../../../engine/process/spawn.ts";
import { finish, importBusybox, openTestEngine } from "../../support/engine.ts";

/** The real one, which has written its own pid only a while after the container has been created: conmon forks first. */
const late = `#!/bin/sh
for word do
  shift
  case $last in
    -P) file=$word; word=$word.early;;
    -p) created=$word;;
  esac
  set -- "$@" "$word"
  last=$word
  [ "$word" = "$file.early" ] && last=
done
"$CONMON" "$@"
until [ -s "$created" ]; do :; done
sleep 0.2
mv "$file.early" "$file"
`;

test("a start waits for the monitor's pid, however late it is written", async () => {
  await using made = openTestEngine();
  await importBusybox(made.engine);
  const directory = mkdtempSync(join(tmpdir(), "berth-conmon-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const PATH = process.env["PATH"]!;
  writeFileSync(join(directory, "conmon"), late.replace("$CONMON", findProgram("conmon")!));
  chmodSync(join(directory, "conmon"), 0o755);
  process.env["PATH"] = `${directory}:${PATH}`;
  onTestFinished(() => void (process.env["PATH"] = PATH));
  const { Id } = await finish(
    made.engine.containers.create({ Image: "busybox", Cmd: ["sleep", "1000"], HostConfig: { NetworkMode: "none" } }),
  );
  await made.engine.containers.start(Id);
  expect((await made.engine.containers.inspect(Id)).State).toMatchObject({ Running: true });
  await made.engine.containers.remove(Id, { force: true });
});
