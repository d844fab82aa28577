/** `berth compose export`. */
import exportContainer from "../container/export.ts";
import { ofService } from "./of-service.ts";

const spec = ofService(exportContainer, {
  summary: "Export the file system of a service's container as a tar archive",
  examples: [{ line: "berth compose export -o web.tar web", does: "Write the archive to a file" }],
  rehearsed: "Exported",
});

export default spec;
