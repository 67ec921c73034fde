//! The baseline's text: what is written can be read again, and a truncated or edited text is an error, not
//! a panic.
#![allow(clippy::unwrap_used)] // what was just written can be read

use event_shape::Scalar;
use event_shape::baseline::{
    Baseline, Def, Enum, Field, Object, Tag, Ty, Variant, Version, parse_ty,
};
use event_shape::{EventData, Locked, check};

/// Every kind of type, nested in every other kind.
fn types() -> Vec<Ty> {
    let leaves = || {
        vec![
            Ty::Any,
            Ty::Null,
            Ty::Bool,
            Ty::Int(None, None),
            Ty::Int(Some(0), None),
            Ty::Int(None, Some(-1)),
            Ty::Int(Some(i128::from(i64::MIN)), Some(i128::from(u64::MAX))),
            Ty::Num(true),
            Ty::Num(false),
            Ty::Str(String::new()),
            Ty::Str("date-time".to_owned()),
            Ty::Ref(0),
            Ty::Values(vec![
                Scalar::Int(-7),
                Scalar::Int(300),
                Scalar::Bool(true),
                Scalar::Bool(false),
            ]),
            Ty::Ref(12),
            Ty::Opaque("not: a ) type ; 3:abc".to_owned()),
        ]
    };
    let around = |t: &Ty| {
        let variant = |name: &str, ty| Variant {
            name: name.to_owned(),
            rust: "Größe".to_owned(),
            line: 7,
            ty,
        };
        let tags = [
            Tag::External,
            Tag::Untagged,
            Tag::Internal("a:b".to_owned()),
            Tag::Adjacent("t".to_owned(), "ü".to_owned()),
        ];
        let mut all = vec![
            Ty::Nullable(Box::new(t.clone())),
            Ty::Array(Box::new(t.clone())),
            Ty::Map(Box::new(t.clone())),
            Ty::Tuple(vec![]),
            Ty::Tuple(vec![t.clone(), Ty::Bool, t.clone()]),
        ];
        for open in [true, false] {
            let field = |name: &str, optional| Field {
                name: name.to_owned(),
                rust: "r#type".to_owned(),
                line: 4_000_000_000,
                optional,
                ty: t.clone(),
            };
            all.push(Ty::Object(Object {
                open,
                patterned: !open,
                rest: open.then(|| Box::new(t.clone())),
                fields: vec![field("a\tb\\n\n", true), field("5:x)!", false)],
            }));
            all.push(Ty::Object(Object { open, patterned: false, rest: None, fields: vec![] }));
            for tag in tags.clone() {
                let variants = vec![variant("", None), variant("1,", Some(t.clone()))];
                all.push(Ty::Enum(Enum { open, tag, variants }));
            }
        }
        all
    };
    let once: Vec<Ty> = leaves().iter().flat_map(around).collect();
    let twice: Vec<Ty> = once.iter().flat_map(around).collect();
    leaves().into_iter().chain(once).chain(twice).collect()
}

#[test]
fn types_are_read_as_they_were_written() {
    for ty in types() {
        let text = ty.to_text();
        assert_eq!(parse_ty(&text), Ok(ty), "{text}");
    }
}

fn baseline() -> Baseline {
    let object = |ty| Object {
        rest: None,
        open: true,
        patterned: false,
        fields: vec![Field {
            name: "f\r\n".to_owned(),
            rust: "f".to_owned(),
            line: 2,
            optional: false,
            ty,
        }],
    };
    let version = |minor, ty| Version {
        major: 3,
        minor,
        locked: minor == 0,
        file: format!("schemas/r/t/3.{minor}.json"),
        source: (minor == 0).then(|| "a\tb".to_owned()),
        detail_type: (minor == 1).then(|| "Object \\ Created".to_owned()),
        sunset: (minor == 1).then(|| "2026-12-31".to_owned()),
        retired: minor == 1,
        root: object(ty),
        defs: vec![Def { rust: "Part".to_owned(), line: 9, ty: Ty::Array(Box::new(Ty::Ref(0))) }],
    };
    Baseline {
        event: "t.happened".to_owned(),
        registry: "r".to_owned(),
        versions: vec![version(0, Ty::Ref(0)), version(1, Ty::Opaque("why\nnot".to_owned()))],
    }
}

#[test]
fn a_file_is_read_as_it_was_written() {
    assert_eq!(Baseline::parse(&baseline().to_text()), Ok(baseline()));
}

#[test]
fn another_format_is_refused_by_its_first_line() {
    let text = baseline().to_text();
    for (line, why) in [
        ("event-contracts baseline 1", "format 1 is not supported: expected format 6"),
        ("event-contracts baseline 20", "format 20 is not supported: expected format 6"),
        ("something else", "line 1: expected `event-contracts baseline 6`"),
    ] {
        let error = Baseline::parse(&text.replace("event-contracts baseline 6", line)).unwrap_err();
        assert_eq!(error, why);
    }
}

#[test]
fn edited_file_is_an_error_with_its_line() {
    let text = baseline().to_text();
    for (from, to, line) in [
        ("version\t3.0", "version\t3", "line 4: not a version"),
        ("locked\tschemas", "locked", "line 4: missing column"),
        ("def\tPart\t9", "def\tPart\tnine", "line 7: not a line number"),
        ("root\to~", "root\to?", "line 6: expected `~` or `!`"),
        ("source", "sauce", "line 5: unknown key"),
    ] {
        let error = Baseline::parse(&text.replacen(from, to, 1)).unwrap_err();
        assert!(error.starts_with(line), "{error}");
    }
}

/// Deep nesting is rejected before it can exhaust the stack.
#[test]
fn nesting_is_bounded() {
    assert!(parse_ty(&format!("{}b", "[".repeat(200))).is_ok());
    let error = parse_ty(&format!("{}b", "[".repeat(100_000))).unwrap_err();
    assert!(error.starts_with("expected less nesting"), "{error}");
}

#[test]
fn text_that_is_cut_anywhere_neither_panics_nor_runs_on() {
    let rich = "o!3,!1:a1:ae~a1:t1:c4,1:x1:X=o~5,?1:b1:bi-5,300;)6,1:y1:Y.)7,?3:abc3:abc{[?s4:uuid8,!1:z1:z(b@1;n8))";
    assert!(parse_ty(rich).is_ok());
    for end in 0..rich.len() {
        let text = &rich[..end];
        assert!(parse_ty(text).is_err(), "{text}");
        let locked = Locked {
            event: "e",
            version: "1.0",
            against: "1.0",
            file: "f",
            locked: true,
            exact: true,
            generated: false,
            root: text,
            definitions: &[],
        };
        for shape in [<String as EventData>::SHAPE, <Vec<Option<i64>> as EventData>::SHAPE] {
            for at in 0..=end {
                let _ = check::check_field(&locked, shape, 0, at);
            }
            let _ = check::check_event(&locked, shape);
        }
    }
}
