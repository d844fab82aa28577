// Makes this machine ready, doing only what is missing: npm packages, system packages, the bundle. Runs before
// `npm start`, with --test before `npm test`, and with --vm before `npm run test:vm`. Plain JavaScript for Node 18, no
// dependencies: it runs when nothing is installed yet. Everything that could be refused is checked before anything is
// changed.

import { areModulesFresh, installModules } from "./modules.mjs";
import { installCommands, installWithApt, missingPackages, whyNotInstall } from "./packages.mjs";
import { isBundleFresh } from "./sources.mjs";

const vm = process.argv.includes("--vm");
const purpose = { vm, test: vm || process.argv.includes("--test") };

function say(text) {
  process.stderr.write(`berth setup: ${text}\n`);
}

function fail(text) {
  process.stderr.write(`\nberth setup: ${text}\n`);
  process.exit(1);
}

function checkMachine() {
  if (process.platform !== "linux")
    fail(`berth runs containers on Linux; this is ${process.platform}. Use a Linux machine or virtual machine.`);
  if (!["x64", "arm64"].includes(process.arch)) fail(`berth brings Node for x64 and arm64; this is ${process.arch}.`);
  const [major] = process.versions.node.split(".").map(Number);
  if (major < 18) fail(`Node 18 or newer is needed to set up; this is ${process.version}.`);
}

function describeMissing(missing, reason) {
  const names = missing.map((need) => need.name).join(", ");
  return `this machine lacks ${names}, and ${reason}.\nInstall with one of these as root, then run the same npm command again:\n\n${installCommands(missing)}\n`;
}

function setUpPackages() {
  const missing = missingPackages(purpose);
  if (missing.length === 0) return;
  const reason = whyNotInstall();
  if (reason) fail(describeMissing(missing, reason));
  say(`installing ${missing.map((need) => need.name).join(", ")} with apt …`);
  try {
    installWithApt(missing);
  } catch (error) {
    fail(`${error.message}\n\n${describeMissing(missing, "apt failed (is the network reachable?)")}`);
  }
  const still = missingPackages(purpose);
  if (still.length > 0) fail(describeMissing(still, "apt installed its packages without bringing them"));
}

/** The development tools are for tests, and for a bundle that is still to be made. */
function setUpModules() {
  if (areModulesFresh({ dev: purpose.test || !isBundleFresh() })) return;
  say("installing npm packages …");
  try {
    installModules();
  } catch (error) {
    fail(`${error.message}\n\nCheck that the npm registry is reachable, then run the same npm command again.`);
  }
}

async function setUpBundle() {
  if (isBundleFresh()) return;
  say("bundling …");
  try {
    const { bundle } = await import("./bundle.mjs");
    await bundle();
  } catch (error) {
    fail(`cannot bundle: ${error.message}`);
  }
}

checkMachine();
setUpPackages();
setUpModules();
await setUpBundle();
