import { expect, test } from "vitest";
import { isSecret, maskOf, withoutUser } from "../../../../engine/build/history/secrets.ts";

test.each(["API_TOKEN", "npmToken", "DB_PASSWORD", "PGPASSWORD", "AWS_SECRET_ACCESS_KEY", "ssh_key", "GITHUB_PAT", "AUTH", "apikey"])(
  "%s is a secret by its name",
  (name) => expect(isSecret(name)).toBe(true),
);

test.each(["VERSION", "KEYBOARD", "AUTHOR", "PATH", "MONKEY", "COMPAT", "TARGETARCH"])("%s is none", (name) =>
  expect(isSecret(name)).toBe(false),
);

test("values of secrets go, longer ones first, those of other arguments and the shortest stay", () => {
  const mask = maskOf({ TOKEN: "hunter2", PASSWORD: "hunter2long", MODE: "fast", PIN_KEY: "1" });
  expect(mask("RUN curl -u me:hunter2long x?t=hunter2 --mode fast 1")).toBe("RUN curl -u me:***** x?t=***** --mode fast 1");
});

test("a secret is found in output, too, where each byte is a character", () => {
  const said = Buffer.from("it is grün\n").toString("latin1");
  expect(maskOf({ SECRET: "grün" })(said)).toBe("it is *****\n");
});

test("addresses lose their users", () => {
  expect(withoutUser("https://me:word@example.com/x.git#main")).toBe("https://example.com/x.git#main");
  expect(withoutUser("git@example.com:x.git and ./a@b")).toBe("git@example.com:x.git and ./a@b");
});
