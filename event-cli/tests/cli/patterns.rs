//! `cargo event patterns`. The folder `tests/patterns` has, for each rule, a file that it finds and the nearest one
//! that it does not find.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::scratch::{Run, Scratch};

/// 2026-06-01.
const TODAY: &str = "1780272000";

fn schema(title: &str, extra: &str) -> String {
    format!(
        r#"{{
  "$schema": "http://json-schema.org/draft-04/schema#",
  "title": "{title}",
  "x-amazon-events-source": "shop.orders",
  {extra}
  "type": "object",
  "required": ["orderId", "status"],
  "properties": {{
    "orderId": {{ "type": "string" }},
    "status": {{ "type": "string", "enum": ["open", "paid"] }},
    "total": {{ "type": "object", "properties": {{ "cents": {{ "type": "integer", "minimum": 0, "maximum": 1000 }} }} }},
    "lines": {{ "type": "array", "items": {{ "type": "object", "properties": {{ "sku": {{ "type": "string" }} }} }} }},
    "labels": {{ "type": "object", "additionalProperties": {{ "type": "string" }} }}
  }}
}}
"#
    )
}

/// `order.placed` 1.0 with a sunset that is over and 2.0; `order.paid` 1.0, retired, and 2.0.
pub(crate) fn shop() -> Scratch {
    let scratch = Scratch::empty();
    for (event, extra) in
        [("order.placed", r#""x-event-sunset": "2026-05-31","#), ("order.paid", "")]
    {
        scratch.write(&format!("schemas/shop/{event}/1.0.json"), schema("Order", ""));
        scratch.write(&format!("schemas/shop/{event}/2.0.json"), schema("Order", extra));
    }
    scratch.run(&["lock"]).says(0, &[]);
    let lock = scratch.read("schemas/schemas.lock");
    let retired = "\n[[retired]]\nregistry = \"shop\"\ntype = \"order.paid\"\nmajor = 1\n";
    scratch.write("schemas/schemas.lock", lock + retired);
    scratch
}

fn run(scratch: &Scratch, args: &[&str]) -> Run {
    let output = scratch.command(args).env("SOURCE_DATE_EPOCH", TODAY).output().unwrap();
    Run {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn patterns(scratch: &Scratch, name: &str, text: &str) -> Value {
    scratch.write(name, text);
    run(scratch, &["patterns", name, "--format", "json"]).json()
}

fn rules(json: &Value) -> Vec<&str> {
    json["diagnostics"].as_array().unwrap().iter().map(|d| d["rule"].as_str().unwrap()).collect()
}

fn matches(pattern: &Value) -> Vec<String> {
    let shown = |m: &Value| format!("{}@{}", m["type"].as_str().unwrap(), m["major"]);
    pattern["matches"].as_array().unwrap().iter().map(shown).collect()
}

#[test]
fn each_rule_finds_its_hit_and_not_its_miss() {
    let scratch = shop();
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/patterns");
    let mut seen = 0;
    for folder in fs::read_dir(corpus).unwrap() {
        let folder = folder.unwrap().path();
        let rule = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let mut stems = Vec::new();
        for file in fs::read_dir(&folder).unwrap() {
            let file = file.unwrap().path();
            let name = file.file_name().unwrap().to_str().unwrap();
            let json = patterns(&scratch, name, &fs::read_to_string(&file).unwrap());
            let found = rules(&json).contains(&rule.as_str());
            assert_eq!(found, name.starts_with("hit."), "{rule}/{name}: {json:#}");
            if name.starts_with("miss.") {
                assert!(json["ok"] == true && rules(&json).is_empty(), "{rule}/{name}: {json:#}");
            }
            stems.push(name.split('.').next().unwrap().to_owned());
        }
        stems.sort();
        assert_eq!(stems, ["hit", "miss"], "{rule}");
        seen += 1;
    }
    assert_eq!(seen, 9);
}

#[test]
fn every_language_is_read_with_places() {
    let scratch = shop();
    let placed = r#"{"source":["shop.orders"],"detail-type":["order.placed:v2"]}"#;
    let quoted = Value::from(placed).to_string();
    let files = [
        ("a.yaml", format!("Resources:\n  R:\n    Type: AWS::Events::Rule\n    Properties:\n      EventBusName: shop\n      EventPattern: '{placed}'\n"), (2, 3), "R"),
        ("a.template.json", format!("{{\"Resources\":{{\n \"R\": {{\"Type\":\"AWS::Events::Rule\",\"Properties\":{{\"EventPattern\":{placed}}}}}}}}}"), (2, 2), "R"),
        ("plan.json", format!("{{\"format_version\":\"1.2\",\"terraform_version\":\"1.9\",\"planned_values\":{{\"root_module\":{{\"child_modules\":[{{\"resources\":[\n{{\"address\":\"module.a.r\",\"mode\":\"managed\",\"type\":\"aws_cloudwatch_event_rule\",\"values\":{{\"event_bus_name\":\"shop\",\"event_pattern\":{quoted}}}}}]}}]}}}}}}"), (2, 1), "module.a.r"),
        ("main.tf.json", format!("{{\"resource\":{{\"aws_cloudwatch_event_rule\":{{\n\"r\":{{\"event_pattern\":{quoted}}}}}}}}}"), (2, 1), "aws_cloudwatch_event_rule.r"),
        ("serverless.yml", "service: s\nprovider: {name: aws}\ncustom: {type: 'order.placed:v2'}\nfunctions:\n  mailer:\n    events:\n      - eventBridge:\n          pattern:\n            source: [shop.orders]\n            detail-type: ['${self:custom.type}']\n".to_owned(), (8, 11), "mailer"),
        ("rules.json", format!("{{\"Rules\":[\n{{\"Name\":\"r\",\"State\":\"ENABLED\",\"EventPattern\":{quoted}}}]}}"), (2, 1), "r"),
        ("bare.json", placed.to_owned(), (1, 1), "bare"),
        ("bare.yaml", "source: [shop.orders]\ndetail-type:\n  - order.placed:v2\n".to_owned(), (1, 1), "bare"),
        ("topology.json", format!("{{\"format\":2,\"bus\":\"shop\",\"consumers\":[],\"rules\":[\n{{\"name\":\"r\",\"consumer\":\"mailer\",\"eventPattern\":{placed},\"targets\":[]}}]}}"), (2, 1), "r"),
    ];
    for (name, text, place, called) in files {
        let json = patterns(&scratch, name, &text);
        let [pattern] = json["patterns"].as_array().unwrap().as_slice() else {
            panic!("{name}: {json:#}")
        };
        assert_eq!(matches(pattern), ["order.placed@2"], "{name}: {json:#}");
        assert_eq!(
            (pattern["line"].clone(), pattern["column"].clone()),
            (json!(place.0), json!(place.1)),
            "{name}"
        );
        assert_eq!(pattern["name"], called, "{name}");
        assert!(rules(&json).is_empty(), "{name}: {json:#}");
    }
}

#[test]
fn reasons_name_the_field_and_what_the_schema_says() {
    let scratch = shop();
    let of = |detail: &str| {
        let text = format!(
            r#"{{"source":["shop.orders"],"detail-type":["order.placed:v2"],"detail":{detail}}}"#
        );
        let json = patterns(&scratch, "p.json", &text);
        json["diagnostics"]
            .as_array()
            .unwrap()
            .iter()
            .map(|d| {
                let help = d["help"][0].as_str().unwrap_or_default();
                format!(
                    "{}: {} / {help}",
                    d["rule"].as_str().unwrap(),
                    d["message"].as_str().unwrap()
                )
            })
            .collect::<Vec<_>>()
            .join("\n")
    };
    for (detail, said) in [
        (
            r#"{"data":{"status":["lost"]}}"#,
            r#"`detail.data.status` is "open" | "paid", and the pattern asks for "lost""#,
        ),
        (
            r#"{"data":{"total":{"cents":[{"numeric":[">",1000.5]}]}}}"#,
            "`detail.data.total.cents` is an integer from 0 up to 1000",
        ),
        (
            r#"{"data":{"orderId":[5]}}"#,
            "`detail.data.orderId` is a string, and the pattern asks for 5",
        ),
        (r#"{"data":{"orderId":{"a":[1]}}}"#, "no schema has `detail.data.orderId.a`"),
        (r#"{"data":{"total":[{"exists":true}]}}"#, "`detail.data.total` is an object"),
        (r#"{"data":{"Status":["paid"]}}"#, "there is `detail.data.status`"),
        (r#"{"dta":{"status":["paid"]}}"#, "no schema has `detail.dta.status`"),
    ] {
        let all = of(detail);
        assert!(all.contains(said), "{detail}: {all}");
    }
    for fine in [
        r#"{"data":{"status":[{"anything-but":["open"]}]}}"#,
        r#"{"data":{"lines":{"sku":[{"wildcard":"a*"}]}}}"#,
        r#"{"data":{"labels":{"any":["x"]}}}"#,
        r#"{"data":{"total":{"cents":[{"numeric":[">",999]}]}}}"#,
        r#"{"data":{"note":{"x":[{"exists":false}]}}, "status": ["paid"]}"#,
        r#"{"type":["order.placed"],"version":["v2"]}"#,
    ] {
        let all = of(fine);
        assert!(!all.contains("never-matches"), "{fine}: {all}");
    }
}

#[test]
fn misspelt_types_and_sources_are_errors_with_what_was_meant() {
    let scratch = shop();
    for (text, said) in [
        (
            r#"{"detail-type":["order.placd:v2"]}"#,
            "there is a similar detail-type `order.placed:v2`",
        ),
        (
            r#"{"detail-type":["order.placed:v3"]}"#,
            "`order.placed` is published as `order.placed:v1` and `order.placed:v2`",
        ),
        (
            r#"{"detail-type":["order.placed"]}"#,
            "`order.placed` is published as `order.placed:v1` and `order.placed:v2`",
        ),
        (r#"{"source":["shop.order"]}"#, "there is a similar source `shop.orders`"),
        (
            r#"{"source":["shop.orders"],"detail-type":["x"]}"#,
            "publishes no event of this detail-type",
        ),
        (
            r#"{"source":["shop.orders"],"detail_type":["order.placed:v2"]}"#,
            "no schema has `detail_type`",
        ),
    ] {
        scratch.write("p.json", text);
        run(&scratch, &["patterns", "p.json"]).says(1, &[said, "p.json:1:"]);
    }
}

#[test]
fn unknown_values_match_any_event_and_are_named() {
    let scratch = shop();
    let text = "Parameters: {Type: {Type: String, Default: 'order.placed:v2'}, Source: {Type: String}}\nResources:\n  R:\n    Type: AWS::Events::Rule\n    Properties:\n      EventPattern:\n        source: [{prefix: !Ref Source}]\n        detail-type: [!Ref Type, !Ref AWS::NoValue]\n        account: [!Ref 'AWS::AccountId']\n";
    let json = patterns(&scratch, "t.yaml", text);
    let pattern = &json["patterns"][0];
    assert_eq!(matches(pattern), ["order.placed@2"]);
    assert_eq!(
        (&pattern["decided"], &pattern["assumedParameters"]),
        (&json!(false), &json!(["Type"]))
    );
    assert_eq!(rules(&json), ["pattern-undecided", "pattern-undecided"]);
    assert_eq!(json["diagnostics"][0]["line"], 7);
    // a pattern that is not known before the plan is applied
    let plan = r#"{"terraform_version":"1","planned_values":{"root_module":{"resources":[{"address":"r","type":"aws_cloudwatch_event_rule","values":{"event_bus_name":"shop"}}, {"address":"s","type":"aws_cloudwatch_event_rule","values":{"schedule_expression":"rate(1 day)"}}]}}}"#;
    let json = patterns(&scratch, "plan.json", plan);
    assert_eq!(rules(&json), ["pattern-undecided"]);
    assert_eq!(json["patterns"][0]["decided"], false);
}

#[test]
fn findings_have_snippets_annotations_and_sarif() {
    let scratch = shop();
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/patterns");
    let hit = fs::read_to_string(corpus.join("pattern-never-matches/hit.yaml")).unwrap();
    scratch.write("é.yaml", format!("# é\n{hit}"));
    let human = run(&scratch, &["patterns", "é.yaml"]);
    human.says(1, &["error[pattern-never-matches]", "--> é.yaml:12:13", "status: [refunded]"]);
    assert!(
        human
            .out
            .contains("é.yaml:3:3: rule `Paid` on bus `shop`\n    never matches order.placed v2"),
        "{}",
        human.out
    );
    assert!(human.out.ends_with("1 pattern in 1 file: 1 error\n"), "{}", human.out);
    let github = run(&scratch, &["patterns", "é.yaml", "--format", "github"]);
    assert!(
        github.out.starts_with("::error file=é.yaml,line=12,col=13,title=pattern-never-matches::"),
        "{}",
        github.out
    );
    let sarif = run(&scratch, &["patterns", "é.yaml", "--format", "sarif"]).json();
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "pattern-never-matches");
    assert_eq!(
        sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"],
        12
    );
}

#[test]
fn a_thousand_files_are_one_answer() {
    let scratch = shop();
    let names: Vec<String> = (0..1000).map(|n| format!("f/{n}.json")).collect();
    for name in &names {
        scratch.write(name, r#"{"detail-type":["order.placed:v2"]}"#);
    }
    let mut args = vec!["patterns", "--format", "json"];
    args.extend(names.iter().map(String::as_str));
    let run = run(&scratch, &args);
    assert_eq!(run.code, 0, "{}", run.err);
    assert_eq!(run.json()["patterns"].as_array().unwrap().len(), 1000);
}

#[test]
fn bad_files_are_errors_that_name_them_and_the_others_are_read() {
    let scratch = shop();
    scratch.write("good.json", r#"{"detail-type":["order.placed:v2"]}"#);
    scratch.write("empty.yaml", "");
    scratch.write("main.tf", "resource \"aws_cloudwatch_event_rule\" \"r\" {}\n");
    scratch.write("deep.json", "[".repeat(5000));
    scratch.write("deep.yaml", "[".repeat(100_000));
    scratch.write("other.json", r#"{"hello": "world"}"#);
    scratch.write("list.json", "[1, 2]");
    scratch.write("latin.yaml", b"a: \xff");
    let bad = [
        "empty.yaml",
        "main.tf",
        "deep.json",
        "deep.yaml",
        "other.json",
        "list.json",
        "latin.yaml",
        "missing.json",
        "schemas",
    ];
    let mut args = vec!["patterns", "good.json"];
    args.extend(bad);
    let run = run(&scratch, &args);
    run.says(2, &bad);
    assert!(run.out.contains("matches order.placed v2"), "{}", run.out);
}

#[test]
fn variables_in_the_text_of_a_pattern_are_unknown_values() {
    let scratch = shop();
    let of = |name: &str, text: &str| patterns(&scratch, name, text);
    let sub = "Parameters: {Type: {Type: String, Default: 'order.placed:v2'}}\nResources:\n  R:\n    Type: AWS::Events::Rule\n    Properties:\n      EventPattern: !Sub '{\"source\":[\"shop.orders\"],\"detail-type\":[\"${Type}\"],\"account\":[\"${AWS::AccountId}\"]}'\n";
    let json = of("t.yaml", sub);
    assert_eq!(matches(&json["patterns"][0]), ["order.placed@2"], "{json:#}");
    assert_eq!(rules(&json), ["pattern-undecided"]);
    assert_eq!(json["patterns"][0]["assumedParameters"], json!(["Type"]));
    let pattern = r#"{"source":["${var.source}"],"detail-type":["order.placed:v2"]}"#;
    let tf = json!({ "resource": { "aws_cloudwatch_event_rule": { "r": { "event_pattern": pattern } } } });
    let json = of("a.tf.json", &tf.to_string());
    assert_eq!(matches(&json["patterns"][0]), ["order.placed@2"], "{json:#}");
    // an expression that is the whole pattern, and a variable that is more than text
    for pattern in
        [r#"${jsonencode({source = ["shop.orders"]})}"#, r#"{"source":[${var.sources}]}"#]
    {
        let tf = json!({ "resource": { "aws_cloudwatch_event_rule": { "r": { "event_pattern": pattern } } } });
        let json = of("a.tf.json", &tf.to_string());
        assert_eq!(rules(&json), ["pattern-undecided"], "{json:#}");
        assert_eq!(json["ok"], true);
    }
    let not_json = json!({ "resource": { "aws_cloudwatch_event_rule": { "r": { "event_pattern": "{source" } } } });
    assert_eq!(rules(&of("a.tf.json", &not_json.to_string())), ["pattern-invalid"]);
}

/// Publishers write declared names. A major without the field is named, and is not called a match.
#[test]
fn majors_without_the_field_are_told_apart() {
    let scratch = Scratch::example();
    let text = r#"{"detail-type":[{"prefix":"proposal."}],"detail":{"data":{"total":{"currency":["EUR"]}}}}"#;
    let json = patterns(&scratch, "p.json", text);
    assert_eq!(matches(&json["patterns"][0]), ["proposal.published@2"], "{json:#}");
    let others = json["patterns"][0]["undeclared"].as_array().unwrap();
    assert!(others.iter().any(|m| m["type"] == "proposal.accepted"), "{json:#}");
    // the envelope says type and version
    let text = r#"{"source":["app.solargenix"],"detail":{"type":["proposal.published"],"version":["v2"]}}"#;
    let json = patterns(&scratch, "p.json", text);
    assert_eq!(matches(&json["patterns"][0]), ["proposal.published@2"], "{json:#}");
    assert_eq!(json["patterns"][0]["never"].as_array().unwrap().len(), 2, "{json:#}");
}
