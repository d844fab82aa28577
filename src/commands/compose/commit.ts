/** `berth compose commit`. */
import commit from "../container/commit.ts";
import { ofService } from "./of-service.ts";

const spec = ofService(commit, {
  summary: "Create an image from the changes of a service's container",
  examples: [{ line: "berth compose commit -m 'add tools' web web:tools", does: "Keep what was installed by hand" }],
  rehearsed: "Committed",
  told: { begins: "Committing", ends: ({ Id }) => `Committed as ${Id}` },
});

export default spec;
