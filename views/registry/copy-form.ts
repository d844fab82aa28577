/** The form of a copy from one registry or repository to another. */
import type { FormSpec } from "../forms/form.ts";

export const copyForm: FormSpec = {
  title: "Copy to another registry or repository",
  verb: ["registry", "copy"],
  needs: [],
  fields: [
    {
      name: "source",
      label: "From",
      hint: "registry.example/team/name:tag",
      kind: "word",
      required: "what to copy",
      completes: () => ["registry", "copy"],
    },
    {
      name: "target",
      label: "To",
      hint: "localhost:5000/team/name",
      kind: "word",
      required: "where to copy it",
      completes: () => ["registry", "copy", "x"],
    },
    { name: "tags", label: "Tags", hint: "", kind: "choice", choices: [["this one"], ["all of the repository", "--all-tags"]] },
    { name: "platform", label: "Platform", hint: "all of them", kind: "flag", flag: "--platform" },
    { name: "referrers", label: "Signatures", hint: "", kind: "choice", choices: [["stay"], ["go with it", "--referrers"]] },
  ],
};
