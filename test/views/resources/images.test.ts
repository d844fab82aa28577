/** What the pages of an image say of the steps that made it. */
import { expect, test } from "vitest";
import { stepText } from "../../../views/resources/resource.ts";

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
