import { expect, test } from "vitest";
import { repositoryGlob } from "../../../../engine/image/documents/index.ts";

test.each<[string, string[], string[]]>([
  ["docker.io/library/*", ["docker.io/library/python"], ["docker.io/team/python", "docker.io/library/a/b", "docker.io/library"]],
  ["team/**", ["team", "team/app", "team/a/b"], ["teams", "teams/a", "x/team"]],
  ["**/app", ["app", "x/app", "x/y/app"], ["app2", "x/apps", "xapp"]],
  ["r.example/**/app", ["r.example/app", "r.example/a/b/app"], ["r.example/a", "r.exampleapp"]],
  ["r/**/**", ["r", "r/a/b"], ["ra"]],
  ["*.example/**", ["r.example/a", "r.example"], ["example/a", "r/x.example"]],
  ["r.example:5000/a*b*c", ["r.example:5000/axbxc", "r.example:5000/abc"], ["r.example:5000/axcxb", "r.example:5000/a/b/c"]],
  ["team-**", ["team-a", "team-"], ["team-a/b"]],
  ["a.b", ["a.b"], ["axb"]],
  ["**", ["a", "a/b", "r.example/anything/at/all"], []],
])("%s", (glob, inside, outside) => {
  const pattern = repositoryGlob(glob);
  expect(inside.filter((name) => !pattern.test(name))).toEqual([]);
  expect(outside.filter((name) => pattern.test(name))).toEqual([]);
});
