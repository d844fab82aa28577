import { expect, test } from "vitest";
import { runtimeFailure } from "../../../engine/runtime/failure.ts";

const onWhat = "Are you trying to mount a directory onto a file (or vice-versa)?";

/** The words of crun and of runc, what they are told as, and the status. */
test.each<[string, string, number]>([
  ["executable file `nosuch` not found in $PATH: No such file or directory", 'exec: "nosuch": executable file not found in $PATH', 127],
  [
    "executable file `/nosuch` not found in $PATH: No such file or directory",
    'exec: "/nosuch": stat /nosuch: no such file or directory',
    127,
  ],
  ["executable file `./x` not found in $PATH: No such file or directory", 'exec: "./x": stat ./x: no such file or directory', 127],
  ["open executable: Operation not permitted", 'exec: "/etc": permission denied', 126],
  ['unable to start container process: exec: "/etc": permission denied', 'exec: "/etc": permission denied', 126],
  ["chdir `/nosuch`: No such file or directory", "chdir `/nosuch`: No such file or directory", 127],
  ['chdir to cwd ("/nosuch") set in config.json failed: no such file or directory', 'chdir to cwd ("/nosuch")', 127],
  ["chdir `/etc/passwd`: Not a directory", "chdir `/etc/passwd`: Not a directory", 126],
  ["mount `/nosuchdir/x` to `etc/passwd`: Not a directory", `Not a directory: ${onWhat}`, 125],
  [
    'error mounting "/chdir" to rootfs at "/etc/passwd": mount /chdir:/etc/passwd (via /proc/self/fd/6), flags: 0x5000: not a directory',
    onWhat,
    125,
  ],
  ["mount `overlay` to ``: No space left on device", "mount `overlay`", 125],
])("%s", (said, told, exit) => {
  expect(runtimeFailure(said, undefined, "/etc")).toMatchObject({ message: expect.stringContaining(`cannot start the container: `), exit });
  expect(runtimeFailure(said, undefined, "/etc").message).toContain(told);
});

test("a command without a name is not found", () => {
  expect(runtimeFailure("open executable: Permission denied")).toMatchObject({ code: "command-not-found", exit: 127 });
});
