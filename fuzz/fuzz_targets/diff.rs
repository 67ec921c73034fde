//! Two texts, one a line: comparing them ends, and what it shows holds.
#![no_main]

use event_schema::compat::{self, Policy, Verdict, Writer};
use event_schema::document::Document;
use event_schema::model::Schema;
use event_schema::{read, validate};
use libfuzzer_sys::fuzz_target;

fn schema(text: &str) -> Option<Schema> {
    read::schema(&Document::parse("fuzz.json", text).ok()?).ok()
}

fuzz_target!(|text: &str| {
    let Some((old, new)) = text.split_once('\n') else { return };
    let (Some(old), Some(new)) = (schema(old), schema(new)) else { return };
    let backward = compat::check(&old, &new, Policy::Backward);
    for change in &backward.changes {
        let Some(witness) = &change.witness else { continue };
        let (writer, reader) =
            if change.writer == Some(Writer::Old) { (&old, &new) } else { (&new, &old) };
        assert!(validate::validate(writer, witness).is_ok());
        assert!(validate::validate(reader, witness).is_err());
    }
    assert_eq!(backward.verdict, compat::check(&new, &old, Policy::Forward).verdict);
    assert_eq!(compat::check(&old, &old, Policy::Full).verdict, Verdict::Compatible);
    let _ = compat::check(&old, &new, Policy::Additive);
});
