/** The lint rules. test/engine/dockerfile/lint.test.ts checks that each is complete and that its examples do what they say. */
import type { Rule } from "./rule.ts";
import addForCopy from "./rules/add-for-copy.ts";
import aptAsks from "./rules/apt-asks.ts";
import aptListsLeft from "./rules/apt-lists-left.ts";
import aptUpdateAlone from "./rules/apt-update-alone.ts";
import brokenTrigger from "./rules/broken-trigger.ts";
import cdInRun from "./rules/cd-in-run.ts";
import consistentInstructionCasing from "./rules/consistent-instruction-casing.ts";
import copyIgnoredFile from "./rules/copy-ignored-file.ts";
import curlPipeShell from "./rules/curl-pipe-shell.ts";
import duplicateStageName from "./rules/duplicate-stage-name.ts";
import exposeInvalidFormat from "./rules/expose-invalid-format.ts";
import exposeProtoCasing from "./rules/expose-proto-casing.ts";
import fromAsCasing from "./rules/from-as-casing.ts";
import fromPlatformFlagConstDisallowed from "./rules/from-platform-flag-const-disallowed.ts";
import invalidBaseImagePlatform from "./rules/invalid-base-image-platform.ts";
import invalidDefaultArgInFrom from "./rules/invalid-default-arg-in-from.ts";
import invalidDefinitionDescription from "./rules/invalid-definition-description.ts";
import jsonArgsRecommended from "./rules/json-args-recommended.ts";
import legacyKeyValueFormat from "./rules/legacy-key-value-format.ts";
import loosenedSecurity from "./rules/loosened-security.ts";
import maintainerDeprecated from "./rules/maintainer-deprecated.ts";
import misplacedDirective from "./rules/misplaced-directive.ts";
import multipleInstructionsDisallowed from "./rules/multiple-instructions-disallowed.ts";
import noEmptyContinuation from "./rules/no-empty-continuation.ts";
import noSudo from "./rules/no-sudo.ts";
import pipCache from "./rules/pip-cache.ts";
import pipefail from "./rules/pipefail.ts";
import redundantTargetPlatform from "./rules/redundant-target-platform.ts";
import reservedStageName from "./rules/reserved-stage-name.ts";
import rootUser from "./rules/root-user.ts";
import secretsUsedInArgOrEnv from "./rules/secrets-used-in-arg-or-env.ts";
import stageNameCasing from "./rules/stage-name-casing.ts";
import undefinedArgInFrom from "./rules/undefined-arg-in-from.ts";
import undefinedVar from "./rules/undefined-var.ts";
import unpinnedBaseImage from "./rules/unpinned-base-image.ts";
import unpinnedPackages from "./rules/unpinned-packages.ts";
import workdirRelativePath from "./rules/workdir-relative-path.ts";

export const rules: readonly Rule[] = [
  stageNameCasing,
  fromAsCasing,
  noEmptyContinuation,
  consistentInstructionCasing,
  duplicateStageName,
  reservedStageName,
  jsonArgsRecommended,
  maintainerDeprecated,
  undefinedArgInFrom,
  workdirRelativePath,
  undefinedVar,
  multipleInstructionsDisallowed,
  legacyKeyValueFormat,
  invalidBaseImagePlatform,
  redundantTargetPlatform,
  secretsUsedInArgOrEnv,
  invalidDefaultArgInFrom,
  fromPlatformFlagConstDisallowed,
  copyIgnoredFile,
  invalidDefinitionDescription,
  exposeProtoCasing,
  exposeInvalidFormat,
  unpinnedBaseImage,
  unpinnedPackages,
  aptListsLeft,
  aptUpdateAlone,
  aptAsks,
  noSudo,
  rootUser,
  pipefail,
  addForCopy,
  cdInRun,
  pipCache,
  curlPipeShell,
  brokenTrigger,
  misplacedDirective,
  loosenedSecurity,
];
