#!/usr/bin/env bash
# A CloudFormation template, judged by checkov: CHECKOV TEMPLATE. Every finding fails but these, each with its answer. No
# rule is downloaded. Terraform's JSON is not judged: checkov reads that of CDKTF alone, and passes what it cannot read.
set -euo pipefail
checkov="$1" template="$2"

answered=(
    # queues are encrypted with SQS's own keys (SqsManagedSseEnabled); the check knows only KMS keys, for which EventBridge
    # would need a statement in the policy of a key that is not the template's
    CKV_AWS_27
    # the concurrency of a function is limited at its event source mapping, which is what invokes it
    CKV_AWS_115
    # a dead-letter queue of a function is for asynchronous invocations; the queue that invokes it has two
    CKV_AWS_116
    # whether a function is in a VPC is for the account to say; it is a property of what the function depends on
    CKV_AWS_117
    # claims are encrypted with the key of DynamoDB; they hold IDs and no payload
    CKV_AWS_119
    # the one environment variable is the stage
    CKV_AWS_173
    # a function is traced where the code asks for it; the template would have to allow it to send traces
    CKV_AWS_50
    # code is signed where the account asks for it
    CKV_AWS_272
)
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
skipped="$(IFS=,; echo "${answered[*]}")"
judge() { "$checkov" --skip-download --compact --quiet --skip-check "$skipped" "$@" 2>/dev/null; }

judge -f "$template" --framework cloudformation | tee "$scratch/judged"
if ! grep -q '^Passed checks: [1-9]' "$scratch/judged" || grep -q 'Parsing errors' "$scratch/judged"; then
    echo "checkov: the template was not read" >&2
    exit 1
fi
# and a template with a finding must fail
sed 's/PointInTimeRecoveryEnabled: true/PointInTimeRecoveryEnabled: false/' "$template" > "$scratch/mistake.yaml"
if judge -f "$scratch/mistake.yaml" --framework cloudformation > /dev/null; then
    echo "checkov: a table without backups was not found" >&2
    exit 1
fi
echo "checkov: no finding but the ${#answered[@]} kinds that are answered in checkov.sh"
