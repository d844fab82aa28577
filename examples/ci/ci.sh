#!/bin/sh
# From a source to what runs: build with a cache, test, say what is in it, push, sign, verify, deploy. Any CI calls this; so can you.
#
#     REGISTRY=localhost:5000 ./ci.sh
#
# VERSION is what the image is called (default: the commit), REPORTS where the reports go, DEPLOY=no ends before the deployment. KEY is
# the file of the private key (of 'berth key generate'), PUBLIC that of the public one, BERTH_KEY_PASSWORD opens it; without a KEY
# one is made, to try it out.
set -eu
cd "$(dirname "$0")"
: "${REGISTRY:?the registry to push to, such as localhost:5000}"
VERSION=${VERSION:-$(git rev-parse --short HEAD 2>/dev/null || echo dev)}
REPORTS=${REPORTS:-reports}
repository=$REGISTRY/greeter
IMAGE=$repository:$VERSION
export VERSION IMAGE
mkdir -p "$REPORTS"

step() { printf '\n== %s\n' "$1"; }

step "Build, with the steps of earlier builds, and say how and of what"
# The commit's time, not the clock's: the same source gives the same image.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}
export SOURCE_DATE_EPOCH
berth build --build-arg VERSION \
  --cache-from "type=registry,ref=$repository:cache" --cache-to "type=registry,ref=$repository:cache" \
  --provenance=mode=max --sbom --tag "$IMAGE" app

step "Test"
berth repl --junit "$REPORTS/tests.xml" test.berth

step "Bill of materials"
berth image sbom --format spdx-json "$IMAGE" > "$REPORTS/sbom.spdx.json"

step "State that the tests passed, and push"
if [ -z "${KEY:-}" ]; then
  BERTH_KEY_PASSWORD=$(head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n')
  export BERTH_KEY_PASSWORD
  KEY=$REPORTS/trial.key
  rm -f "$REPORTS/trial.key" "$REPORTS/trial.pub"
  berth key generate --output "$REPORTS/trial"
fi
PUBLIC=${PUBLIC:-${KEY%.key}.pub}
tests=https://in-toto.io/attestation/test-result/v0.1
printf '{"result": "PASSED", "configuration": [{"name": "test.berth"}]}\n' |
  berth image attest --key "$KEY" --type "$tests" --predicate - "$IMAGE"
berth push "$IMAGE"
pushed=$repository@$(berth image inspect --format '{{.Descriptor.Digest}}' "$IMAGE")
printf '%s\n' "$pushed" > "$REPORTS/image.txt"

step "Sign, and verify as whoever deploys does"
berth sign --key "$KEY" "$pushed"
berth verify --key "$PUBLIC" "$pushed"
berth verify --key "$PUBLIC" --attestation "$tests" "$pushed"

[ "${DEPLOY:-yes}" = no ] && exit
step "Deploy $pushed"
IMAGE=$pushed berth compose up --detach --wait
