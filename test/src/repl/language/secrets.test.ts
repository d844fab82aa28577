import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { hiddenWords, withoutSecrets } from "../../../../src/repl/language/secrets.ts";
import { lex, literal } from "../../../../src/repl/language/words.ts";
import { History } from "../../../../src/repl/prompt/history.ts";

test.each([
  ["login -u me -p hunter2 reg", "login -u me -p ${env.PASSWORD} reg"],
  ["login -phunter2", "login -p${env.PASSWORD}"],
  ["login --password=hunter2", "login --password=${env.PASSWORD}"],
  ["login --password 'a b'; ps", "login --password ${env.PASSWORD}; ps"],
  ["login --password-stdin <<X\nhunter2\nX\nps", "login --password-stdin <<END\n${env.PASSWORD}\nEND\nps"],
  ["run -e DB_PASSWORD=hunter2 x", "run -e DB_PASSWORD=${env.DB_PASSWORD} x"],
  ['run --env="MY_TOKEN=a b" -eAPI_KEY=x -p 80:80 y', 'run --env="MY_TOKEN=${env.MY_TOKEN}" -eAPI_KEY=${env.API_KEY} -p 80:80 y'],
  ["run --env='MY_TOKEN=a b' x", 'run --env="MY_TOKEN=${env.MY_TOKEN}" x'],
  ["build --build-arg NPM_TOKEN=x .", "build --build-arg NPM_TOKEN=${env.NPM_TOKEN} ."],
  ["let secret := hunter2 x", "let secret := ${env.SECRET}"],
  ["if ps { let secret := hunter2 x }", "if ps { let secret := ${env.SECRET} }"],
  ["import https://me:hunter2@host/x.tar", "import https://me:${env.PASSWORD}@host/x.tar"],
])("%s is recorded as %s", (source, safe) => {
  expect(withoutSecrets(source)).toBe(safe);
  expect(withoutSecrets(safe)).toBe(safe);
  if (!source.includes("let"))
    expect(hiddenWords(lex(source).flatMap(({ words }) => words.map(literal))).join(" ")).not.toContain("hunter2 ");
});

test.each([
  "run -p 8080:80 x",
  "run -e DB_PASSWORD x",
  "run -e DB_PASSWORD=$pw x",
  "login -p $pw",
  "run -e USER=me x",
  "let x := y",
  "print 'open",
])("%s has no secret", (source) => {
  expect(withoutSecrets(source)).toBe(source);
});

test("secrets reach neither the history's file nor its memory", async () => {
  const home = mkdtempSync(join(tmpdir(), "berth-history-"));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const file = join(home, "history");
  const history = new History(file);
  for (const line of ["ps", "login -p hunter2", "run -e A_TOKEN=hunter2 x", " print hidden"]) await history.add(line);
  await history.add("login --password-stdin <<E\nhunter2\nE");
  expect(history.lines).toEqual(["ps"]);
  expect(readFileSync(file, "utf8")).toBe("ps\n");
});
