/** Words of a command line that are no UTF-8, in a process that was really called with them. */
import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { typedWords } from "../../../../src/commands/container/typed-words.ts";

const source = new URL("../../../../src/commands/container/typed-words.ts", import.meta.url);
const program = `import { typedWords } from ${JSON.stringify(source.href)}; console.log(JSON.stringify(typedWords(process.argv.slice(1))))`;

test("their bytes are found again", () => {
  const script = 'exec "$0" --input-type=module -e "$1" "$(printf "c:/a\\344b")" "$(printf "x\\377\\376")" "\ufffd" plain é';
  const printed = execFileSync("sh", ["-c", script, process.execPath, program], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  expect(JSON.parse(printed)).toEqual(["c:/a\udce4b", "x\udcff\udcfe", "\ufffd", "plain", "é"]);
});

test("what did not come from the command line stays as it is", () => {
  expect(typedWords(["a\ufffdb", "c"])).toEqual(["a\ufffdb", "c"]);
});
