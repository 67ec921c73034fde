#!/usr/bin/env bash
# A configuration that is read by Terraform or OpenTofu, where one is installed: FOLDER.
# `validate` needs the provider: EVENT_TERRAFORM_PLUGINS names a folder with a mirror of it. Without, the configuration is
# loaded, which finds what is wrong with blocks, variables and outputs; attributes are compared by the test `terraform`.
set -euo pipefail
cd "$1"
tool="$(command -v tofu || command -v terraform || true)"
if [ -z "$tool" ]; then
    echo "terraform: SKIPPED, neither tofu nor terraform is installed"
    exit 0
fi
if [ -n "${EVENT_TERRAFORM_PLUGINS:-}" ]; then
    "$tool" init -backend=false -input=false -plugin-dir="$EVENT_TERRAFORM_PLUGINS" > /dev/null
    "$tool" validate
    exit 0
fi
"$tool" get > /dev/null
"$tool" providers | grep -q 'hashicorp/aws'
# and a configuration with a mistake must fail
mkdir mistake
sed 's/"validation":/"validations":/' main.tf.json > mistake/main.tf.json
if (cd mistake && "$tool" get > /dev/null 2>&1); then
    echo "terraform: a configuration with a mistake was loaded" >&2
    exit 1
fi
echo "terraform: the configuration loads; validate SKIPPED, no provider in EVENT_TERRAFORM_PLUGINS"
