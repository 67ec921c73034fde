# Recipes that people and CI share. `just --list` shows them.

set shell := ["bash", "-euo", "pipefail", "-c"]

# what CI runs
ci: lint test deny

# all tests
test:
    cargo test --workspace

# formatting, lints, documentation
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

# real schemas and events of a folder: generate, compile, decode
corpora dir:
    EVENT_CORPORA="$(realpath {{dir}})" cargo test -p event-tests --test corpora -- --nocapture

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

# benchmarks
bench:
    cargo bench --workspace

# what the derive costs: CPU time of cargo check against serde's derives alone
bench-derive:
    cargo bench -p event-tests --bench derive --profile dev

# write the expected compiler messages anew
ui-bless:
    TRYBUILD=overwrite cargo test -p event-tests --test ui

# how long schemas take to become Rust text, against typify alone; a folder with `aws-events`
bench-codegen dir:
    EVENT_CORPORA="$(realpath {{dir}})" cargo bench -p event-codegen --bench codegen

# the change checker beside other crates: time of one check, p50 and p99, on the public vectors of a folder
bench-check dir:
    cargo run --release --quiet --manifest-path benches/compare/Cargo.toml -- "$(realpath {{dir}})"

# fuzz the document reader and the diff, so many seconds each; needs a nightly toolchain
fuzz seconds="60":
    #!/usr/bin/env bash
    set -euo pipefail
    if ! cargo +nightly --version >/dev/null 2>&1; then
        echo "fuzz: SKIPPED, there is no nightly toolchain (rustup toolchain install nightly)" >&2
        exit 0
    fi
    cargo fuzz --version >/dev/null 2>&1 || cargo install --locked cargo-fuzz
    for target in $(cargo +nightly fuzz list); do
        echo "fuzz: $target for {{seconds}} s"
        cargo +nightly fuzz run "$target" -- -max_total_time={{seconds}} -timeout=10 -rss_limit_mb=4096
    done

# the laws of the change checker over so many random pairs
laws cases="1000000":
    EVENT_LAW_CASES={{cases}} cargo test --release -p event-schema --test laws
