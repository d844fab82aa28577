/** What lists and pages say of images and volumes. */
import { expect, test } from "vitest";
import { images } from "../../../views/resources/images.ts";
import { stepText } from "../../../views/resources/resource.ts";
import { volumes } from "../../../views/resources/volumes.ts";

test.each([
  ["RUN /bin/sh -c apt-get update # buildkit", "RUN apt-get update"],
  ["RUN |2 A=b c D=e /bin/sh -c make  &&\n make install # buildkit", "RUN make && make install"],
  ["|1 A=b /bin/sh -c make", "RUN make"],
  ['/bin/sh -c #(nop)  CMD ["sh"]', 'CMD ["sh"]'],
  ["/bin/sh -c echo hi", "RUN echo hi"],
  ["COPY files /app # buildkit", "COPY files /app"],
  ["RUN |1 A=b /bin/bash -o pipefail -c make # buildkit", "RUN |1 A=b /bin/bash -o pipefail -c make"],
  ["", ""],
])("%j is %j", (createdBy, text) => {
  expect(stepText(createdBy)).toBe(text);
});

test("an image without a name is found as a dangling one", () => {
  const found = (Dangling: boolean) => images.haystack({ RepoTags: [], Id: "sha256:0a", Dangling } as never);
  expect([found(true), found(false)]).toEqual([" sha256:0a dangling", " sha256:0a"]);
});

test("a volume whose host does not say when it was made has no age", () => {
  const created = volumes.columns.find(({ header }) => header === "CREATED")!;
  const row = { Name: "data", CreatedAt: "" } as never;
  expect([created.value(row, Date.now(), new Map(), {} as never), created.sort!(row)]).toEqual(["", -0]);
});
