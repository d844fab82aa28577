/** `berth image sbom`: what an image is made of, as it is attested, or as it is found in it. */
import type { Bill, BillFormat, BillPackage } from "../../../engine/index.ts";
import { renderTable } from "../../format/table.ts";
import { type Column, type CommandSpec, command } from "../command.ts";
import { isSet, textOf } from "../flag-values.ts";

const spec: CommandSpec<Bill> = command({
  summary: "Show what an image is made of: its bill of materials",
  description:
    "Where the image has an attested one in that format ('build --sbom', or whoever made the image), that is shown; else the image is looked into, and a line on standard error says so. Found are the packages of dpkg, apk, rpm (its SQLite database), npm and Python, and the modules that Go programs were built from.",
  examples: [
    { line: "berth image sbom app", does: "List the packages" },
    { line: "berth image sbom --format spdx-json app > app.spdx.json", does: "Write an SPDX 2.3 document" },
    {
      line: "berth image sbom --scan --format cyclonedx-json app",
      does: "Look into the image, whatever is attested, and print CycloneDX 1.6",
    },
  ],
  flags: [
    {
      name: "format",
      type: "string",
      placeholder: "FORMAT",
      default: "table",
      choices: ["table", "spdx-json", "cyclonedx-json"],
      help: "How it is written: table, spdx-json or cyclonedx-json",
    },
    {
      name: "platform",
      type: "string",
      placeholder: "OS/ARCH[/VARIANT]",
      help: "Of a multi-platform image take the one for this platform",
    },
    { name: "scan", type: "boolean", help: "Look into the image, whatever is attested of it" },
  ],
  args: [{ name: "IMAGE", subject: "image" }],
  async *run({ engine }, input) {
    const platform = textOf(input, "platform");
    const format = formatOf(textOf(input, "format"));
    const bill = await engine.images.bill(input.args[0] ?? "", { format, scan: isSet(input, "scan"), ...(platform && { platform }) });
    for (const note of bill.Notes) yield { type: "warning", text: `left out: ${note}` };
    yield {
      type: "message",
      text: bill.Attestation ? `attested: ${bill.Attestation}` : "not attested: made now, from what is in the image",
    };
    return bill;
  },
  present: (bill, input) => ({
    kind: "text",
    text: textOf(input, "format") === "table" ? renderTable(columns, bill.Packages) : `${JSON.stringify(bill.Document, null, 2)}\n`,
  }),
});

const formatOf = (text: string | undefined): BillFormat => (text === "cyclonedx-json" ? text : "spdx-json");

const columns: Column<BillPackage>[] = [
  { header: "NAME", field: "Name", value: ({ Name }) => Name },
  { header: "VERSION", field: "Version", value: ({ Version }) => Version },
  { header: "TYPE", field: "Type", value: ({ Type }) => Type },
  { header: "LICENSE", field: "License", value: ({ License }) => License },
];

export default spec;
