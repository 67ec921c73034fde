//! Breaks that a search misses if it takes "not found" for "does not exist": one test per kind.
#![allow(clippy::unwrap_used, reason = "a test")]

use event_schema::compat::{self, Policy, Report, Verdict, Writer};
use event_schema::document::Document;
use event_schema::model::Schema;
use event_schema::read::{self, Dialect};

fn schema(text: &str, dialect: Dialect) -> Schema {
    read::schema_with(&Document::parse("a.json", text).unwrap(), Some(dialect), &|_| None).unwrap()
}

fn check(old: &str, new: &str, policy: Policy, dialect: Dialect) -> Report {
    compat::check(&schema(old, dialect), &schema(new, dialect), policy)
}

/// Each pair is a break of stored events, shown by an event that the `jsonschema` crate evaluates alike.
fn broken(pairs: &[(&str, &str)], policy: Policy, dialect: Dialect) {
    let draft = match dialect {
        Dialect::OpenApi30 | Dialect::Draft4 => jsonschema::Draft::Draft4,
        Dialect::Draft6 => jsonschema::Draft::Draft6,
        Dialect::Draft7 => jsonschema::Draft::Draft7,
        Dialect::Draft2019 => jsonschema::Draft::Draft201909,
        Dialect::Modern => jsonschema::Draft::Draft202012,
    };
    let judge = |text: &str| {
        let value = serde_json::from_str(text).unwrap();
        jsonschema::options().with_draft(draft).build(&value).unwrap()
    };
    for (old, new) in pairs {
        let report = check(old, new, policy, dialect);
        assert_eq!(report.verdict, Verdict::Breaking, "{old} → {new}");
        let mut witnesses = report.breaks().filter(|c| c.writer == Some(Writer::Old));
        let witness = witnesses.find_map(|c| c.witness.clone());
        let witness = witness.unwrap_or_else(|| panic!("{old} → {new}: {:?}", report.changes));
        assert!(judge(old).is_valid(&witness), "{witness} is not an event of {old}");
        assert!(!judge(new).is_valid(&witness), "{witness} is an event of {new}");
    }
}

fn compatible(pairs: &[(&str, &str)], policy: Policy, dialect: Dialect) {
    for (old, new) in pairs {
        let report = check(old, new, policy, dialect);
        assert_eq!(report.verdict, Verdict::Compatible, "{old} → {new}: {:?}", report.changes);
    }
}

#[test]
fn publisher_that_writes_nothing_proves_nothing() {
    let of = |kind: &str, rest: &str| {
        format!(r#"{{"type":"object","properties":{{"n":{{"type":"{kind}"}}}},{rest}}}"#)
    };
    for rest in [
        r#""required":["trace"]"#,
        r#""minProperties":3"#,
        r#""allOf":[{"required":["trace"]},{"minProperties":2}]"#,
        r#""dependentRequired":{"n":["trace"]}"#,
        r#""not":{"maxProperties":1}"#,
        r#""if":{"required":["n"]},"then":{"required":["trace"]}"#,
        r#""type":"object","minProperties":2"#,
    ] {
        let rest = rest.trim_start_matches(r#""type":"object","#);
        let (old, new) = (of("string", rest), of("boolean", rest));
        broken(&[(&old, &new)], Policy::Additive, Dialect::Modern);
        let nested = |inner: &str| format!(r#"{{"properties":{{"list":{{"items":{inner}}}}}}}"#);
        broken(&[(&nested(&old), &nested(&new))], Policy::Additive, Dialect::Modern);
    }
}

#[test]
fn required_union_of_overlapping_branches_hides_no_other_field() {
    let of = |kind: &str| {
        format!(
            r#"{{"type":"object","required":["body","at"],"properties":{{"at":{{"type":"{kind}"}},
            "body":{{"oneOf":[{{"type":"object","properties":{{"x":{{"type":"string"}}}}}},
            {{"type":"object","properties":{{"y":{{"type":"string"}}}}}},
            {{"type":"object","properties":{{"z":{{"type":"string"}}}}}}]}}}}}}"#
        )
    };
    broken(&[(&of("integer"), &of("string"))], Policy::Additive, Dialect::Modern);
}

#[test]
fn optional_field_of_ordinary_object_stays_additive() {
    compatible(
        &[
            (
                r#"{"type":"object","properties":{"a":{"type":"string"}},"minProperties":1}"#,
                r#"{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}},"minProperties":1}"#,
            ),
            (
                r#"{"type":"object","properties":{"a":{"type":"string"}},"required":["g"]}"#,
                r#"{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}},"required":["g"]}"#,
            ),
        ],
        Policy::Additive,
        Dialect::Modern,
    );
}

#[test]
fn arrays_that_are_listed_do_not_stand_for_all() {
    broken(
        &[
            (
                r#"{"type":"array","items":{"enum":["read","write"]},"minItems":1,"maxItems":1}"#,
                r#"{"enum":[["write"]]}"#,
            ),
            (
                r#"{"type":"array","items":{"enum":[1,2,3]},"minItems":3,"maxItems":3,"uniqueItems":true}"#,
                r#"{"enum":[[1,2,3],[2,1,3],[3,2,1]]}"#,
            ),
            (
                r#"{"type":"array","minItems":3,"uniqueItems":true,"items":{"type":"array","items":{"type":"boolean"},"minItems":2,"maxItems":2}}"#,
                r#"{"maxItems":2}"#,
            ),
        ],
        Policy::Backward,
        Dialect::Draft7,
    );
    compatible(
        &[(
            r#"{"type":"array","items":{"enum":[1,2]},"minItems":2,"maxItems":2,"uniqueItems":true}"#,
            r#"{"enum":[[1,2],[2,1]]}"#,
        )],
        Policy::Backward,
        Dialect::Draft7,
    );
}

#[test]
fn unique_items_are_matched_to_their_places() {
    // the first position must leave its only value to the second one
    let old = r#"{"type":"array","prefixItems":[{"enum":[1,2]},{"enum":[1]}],"minItems":2,"uniqueItems":true}"#;
    broken(&[(old, r#"{"maxItems":1}"#)], Policy::Backward, Dialect::Modern);
    let none = r#"{"type":"array","prefixItems":[{"enum":[1]},{"enum":[1]}],"minItems":2,"uniqueItems":true}"#;
    compatible(&[(none, "false")], Policy::Backward, Dialect::Modern);
}

#[test]
fn demands_on_items_find_places_of_their_own() {
    broken(
        &[
            (
                r#"{"type":"array","contains":{"type":"null"}}"#,
                r#"{"prefixItems":[{"type":"null"}]}"#,
            ),
            (
                r#"{"type":"array","items":{"type":["string","boolean"]}}"#,
                r#"{"anyOf":[{"prefixItems":[{"type":"boolean"}]},{"items":{"type":"string"}}]}"#,
            ),
            (
                r#"{"type":"array","contains":{"type":"string"},"maxContains":1,"minContains":0}"#,
                r#"{"uniqueItems":true}"#,
            ),
            (
                r#"{"type":"array","contains":{"type":"string"},"minContains":2}"#,
                r#"{"uniqueItems":true}"#,
            ),
        ],
        Policy::Backward,
        Dialect::Modern,
    );
}

#[test]
fn map_is_not_one_of_several_narrower_maps() {
    broken(
        &[
            (
                r#"{"type":"object","additionalProperties":{"type":["boolean","null"]}}"#,
                r#"{"anyOf":[{"additionalProperties":{"type":"boolean"}},{"additionalProperties":{"type":"null"}}]}"#,
            ),
            (
                r#"{"type":"object","patternProperties":{"^x":{"enum":[1,2,3]}},"additionalProperties":false}"#,
                r#"{"anyOf":[{"additionalProperties":{"enum":[1,2]}},{"additionalProperties":{"enum":[2,3]}},{"additionalProperties":{"enum":[1,3]}}]}"#,
            ),
            (
                r#"{"type":"object","maxProperties":1}"#,
                r#"{"anyOf":[{"propertyNames":{"enum":["a"]}},{"propertyNames":{"pattern":"^b"}}]}"#,
            ),
        ],
        Policy::Backward,
        Dialect::Draft7,
    );
}

#[test]
fn listed_member_names_keep_their_types_and_patterns() {
    broken(
        &[
            (
                r#"{"type":"object","propertyNames":{"enum":["ax","by"]},"patternProperties":{"^a":false}}"#,
                r#"{"maxProperties":0}"#,
            ),
            (
                r#"{"type":"object","propertyNames":{"enum":[null,7,"x","y"]}}"#,
                r#"{"propertyNames":{"enum":["y"]}}"#,
            ),
        ],
        Policy::Backward,
        Dialect::Draft7,
    );
}

#[test]
fn unevaluated_keywords_mean_what_their_neighbours_make_of_them() {
    let closed = |inside: &str| format!(r#"{{{inside},"unevaluatedProperties":false}}"#);
    let pairs: Vec<(String, String)> = [
        (
            r#""allOf":[{"properties":{"x":{}}},{"properties":{"y":{}}}]"#,
            r#""allOf":[{"properties":{"x":{}}}]"#,
        ),
        (
            r#""anyOf":[{"properties":{"x":{}}},{"required":["y"]}]"#,
            r#""anyOf":[{"required":["x"]}]"#,
        ),
        (
            r#""dependentSchemas":{"k":{"properties":{"k":{},"x":{}}}}"#,
            r#""dependentSchemas":{"k":{"properties":{"k":{}}}}"#,
        ),
        (
            r#""if":{"required":["x"]},"else":{"properties":{"y":{}}}"#,
            r#""if":{"required":["x"]},"else":{"properties":{"z":{}}}"#,
        ),
        (
            r##""$ref":"#/$defs/it","$defs":{"it":{"properties":{"x":{},"y":{}}}}"##,
            r##""$ref":"#/$defs/it","$defs":{"it":{"properties":{"x":{}}}}"##,
        ),
    ]
    .map(|(a, b)| (closed(a), closed(b)))
    .into();
    for (old, new) in &pairs {
        broken(&[(old, new)], Policy::Backward, Dialect::Modern);
        broken(&[(old, new)], Policy::Backward, Dialect::Draft2019);
    }
    let inner = r#"{"allOf":[{"properties":{"x":{}}}],"properties":{"y":{}},"unevaluatedProperties":false}"#;
    let moved = r#"{"properties":{"x":{},"y":{}},"additionalProperties":false}"#;
    compatible(&[(inner, moved), (moved, inner)], Policy::Backward, Dialect::Modern);
    broken(
        &[
            (
                r#"{"allOf":[{"prefixItems":[{},{}]}],"unevaluatedItems":false}"#,
                r#"{"allOf":[{"prefixItems":[{}]}],"unevaluatedItems":false}"#,
            ),
            (
                r#"{"contains":{"type":"string"},"unevaluatedItems":false}"#,
                r#"{"contains":{"const":"a"},"unevaluatedItems":false}"#,
            ),
        ],
        Policy::Backward,
        Dialect::Modern,
    );
}

#[test]
fn additional_items_without_tuple_leave_items_unevaluated() {
    let old = r#"{"items":[{"type":"string"}],"unevaluatedItems":{"type":"integer"}}"#;
    let new = r#"{"items":[{"type":"string"}],"unevaluatedItems":{"type":"boolean"}}"#;
    broken(&[(old, new)], Policy::Backward, Dialect::Draft2019);
    let none = r#"{"additionalItems":{},"unevaluatedItems":false}"#;
    broken(&[("{}", none)], Policy::Backward, Dialect::Draft2019);
}

#[test]
fn dynamic_reference_is_followed_where_it_has_one_target() {
    let of = |kind: &str| {
        format!(
            r##"{{"properties":{{"v":{{"$dynamicRef":"#it"}}}},"$defs":{{"it":{{"$dynamicAnchor":"it","type":"{kind}"}}}}}}"##
        )
    };
    broken(&[(&of("null"), &of("string"))], Policy::Backward, Dialect::Modern);
    let twice = |kind: &str| {
        format!(
            r##"{{"$dynamicRef":"#it","$defs":{{"a":{{"$id":"a","$dynamicAnchor":"it","type":"{kind}"}},
            "b":{{"$dynamicAnchor":"it"}}}}}}"##
        )
    };
    let (old, new) = (twice("null"), twice("string"));
    assert_eq!(check(&old, &new, Policy::Backward, Dialect::Modern).verdict, Verdict::Breaking);
    assert!(check(&old, &old, Policy::Full, Dialect::Modern).changes.is_empty());
}

#[test]
fn const_and_enum_both_count() {
    broken(
        &[
            (r#"{"enum":["a","b"]}"#, r#"{"const":"b","enum":["a","b"]}"#),
            (r#"{"enum":["a","b"]}"#, r#"{"enum":["a","b"],"const":"b"}"#),
        ],
        Policy::Backward,
        Dialect::Draft7,
    );
    compatible(&[(r#"{"const":3,"enum":[1,2]}"#, "false")], Policy::Backward, Dialect::Draft7);
}

#[test]
fn numbers_beyond_64_bits_are_compared_exactly_or_not_at_all() {
    for (old, new) in [
        (r#"{"const":36893488147419103233}"#, r#"{"const":36893488147419103232}"#),
        (r#"{"enum":[1,-36893488147419103233]}"#, r#"{"minimum":-36893488147419103232}"#),
        (
            r#"{"type":"integer","maximum":36893488147419103235}"#,
            r#"{"type":"integer","maximum":36893488147419103234}"#,
        ),
        (r#"{"const":{"n":[36893488147419103233]}}"#, r#"{"const":{"n":[36893488147419103232]}}"#),
        (r#"{"const":0.10000000000000000001}"#, r#"{"const":0.1}"#),
    ] {
        let report = check(old, new, Policy::Backward, Dialect::Draft7);
        assert_eq!(report.verdict, Verdict::Breaking, "{old} → {new}");
        assert!(report.changes.iter().all(|c| c.witness.is_none()), "{:?}", report.changes);
    }
    compatible(
        &[
            (r#"{"enum":[36893488147419103233]}"#, r#"{"minimum":36893488147419103233}"#),
            (r#"{"const":36893488147419103233}"#, r#"{"enum":[1,36893488147419103233]}"#),
            (r#"{"const":[36893488147419103233]}"#, r#"{"items":{"type":"integer"}}"#),
        ],
        Policy::Backward,
        Dialect::Draft7,
    );
}

#[test]
fn listed_number_with_point_may_be_written_without() {
    broken(
        &[(r#"{"type":"integer","enum":[7.0]}"#, r#"{"type":"boolean"}"#)],
        Policy::Backward,
        Dialect::Draft4,
    );
}

#[test]
fn numbers_left_between_steps_are_found_however_many_are_excluded() {
    let old = r#"{"type":"integer","minimum":1,"allOf":[{"not":{"multipleOf":3}},{"not":{"multipleOf":5}}]}"#;
    let taken: Vec<String> =
        (1..90).filter(|n| n % 3 != 0 && n % 5 != 0).map(|n: i32| n.to_string()).collect();
    let new = format!(r#"{{"enum":[{}]}}"#, taken.join(","));
    broken(&[(old, &new)], Policy::Backward, Dialect::Draft7);
}

#[test]
fn witness_belongs_to_a_direction_that_the_policy_asks_for() {
    let (old, new) = (r#"{"type":["string","null"]}"#, r#"{"type":["null","boolean"]}"#);
    for (policy, writer) in [(Policy::Backward, Writer::Old), (Policy::Forward, Writer::New)] {
        let report = check(old, new, policy, Dialect::Draft7);
        let writers: Vec<_> = report.changes.iter().filter_map(|c| c.writer).collect();
        assert!(!writers.is_empty() && writers.iter().all(|w| *w == writer), "{writers:?}");
    }
}

#[test]
fn integer_with_point_tells_dialects_apart() {
    let text = r#"{"properties":{"n":{"type":"integer"}}}"#;
    let (loose, strict) = (schema(text, Dialect::Draft7), schema(text, Dialect::Draft4));
    let report = compat::check(&loose, &strict, Policy::Backward);
    assert_eq!(report.verdict, Verdict::Breaking);
    assert_eq!(compat::check(&strict, &loose, Policy::Backward).verdict, Verdict::Compatible);
    assert_eq!(compat::check(&loose, &strict, Policy::Additive).verdict, Verdict::Compatible);
}

#[test]
fn item_that_is_demanded_twice_is_one_item() {
    let rest = r#""unevaluatedItems":false}"#;
    let of = |condition: &str, otherwise: &str| {
        format!(r#"{{"if":{{"if":{condition},"else":{otherwise}}},{rest}"#)
    };
    let one = r#"{"contains":{"const":1},"prefixItems":[{}],"items":false}"#;
    let two = r#"{"contains":{"const":1},"minContains":2,"prefixItems":[{},{}],"items":false}"#;
    let shared = |part: &str| {
        format!(
            r##"{{"$defs":{{"part":{part}}},"allOf":[{{"$ref":"#/$defs/part"}},{{"anyOf":[{{"$ref":"#/$defs/part"}},{{"minItems":9}}]}}]}}"##
        )
    };
    let pairs = [
        (of(one, r#"{"properties":{"a":{}}}"#), format!("{{{rest}")),
        (of(one, r#"{"maxItems":1}"#), r#"{"items":false}"#.to_owned()),
        (of(two, r#"{"minLength":1}"#), r#"{"maxItems":1}"#.to_owned()),
        (shared(one), r#"{"maxItems":0}"#.to_owned()),
        (shared(two), r#"{"maxItems":1}"#.to_owned()),
    ];
    let pairs: Vec<_> = pairs.iter().map(|(old, new)| (old.as_str(), new.as_str())).collect();
    broken(&pairs, Policy::Backward, Dialect::Modern);
}
