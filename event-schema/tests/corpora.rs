//! Registry documents of other projects: each is read, or the problem and its place are reported. Requires
//! `EVENT_CORPORA`, the folder of the corpora.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test that reports what it left out"
)]

use std::path::{Path, PathBuf};

use event_schema::compat::{self, Policy};
use event_schema::document::Document;
use event_schema::read::{self, EventSchema};

fn json_files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .filter(|path| path.file_name().is_some_and(|n| n != "examples.json"))
        .collect();
    files.sort();
    files
}

#[test]
fn real_documents_are_read_or_rejected_with_a_reason() {
    let Some(root) = std::env::var_os("EVENT_CORPORA").map(PathBuf::from) else {
        eprintln!("EVENT_CORPORA is not set: real documents were not read");
        return;
    };
    let mut read = 0;
    for folder in ["aws-events", "aws-events-draft4", "custom", "orcabus"] {
        for path in json_files(&root.join(folder)) {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&path).unwrap();
            let doc = Document::parse(name.clone(), text).unwrap();
            match read::events(&doc) {
                Ok(events) => {
                    read += 1;
                    assert!(!events.is_empty(), "{name}: no event");
                    for event in &events {
                        assert!(!event.name.is_empty() || folder == "orcabus", "{name}: no name");
                        let aws = folder.starts_with("aws-events");
                        assert!(
                            !aws || event.facts.detail_type.is_some(),
                            "{name}: no detail-type"
                        );
                    }
                }
                Err(problems) => {
                    assert!(folder == "custom", "{name}: {}", problems[0].headline());
                    for problem in problems {
                        assert!(problem.pos.is_some() && !problem.pointer.is_empty());
                        eprintln!("{} at {}", problem.headline(), problem.pointer);
                    }
                }
            }
        }
    }
    assert!(read >= 380, "only {read} documents were read");
}

fn events(path: &Path) -> Vec<EventSchema> {
    let text = std::fs::read_to_string(path).unwrap();
    read::events(&Document::parse("a.json", text).unwrap()).unwrap_or_default()
}

#[test]
fn a_real_event_is_compatible_with_itself_in_both_spellings() {
    let Some(root) = std::env::var_os("EVENT_CORPORA").map(PathBuf::from) else {
        eprintln!("EVENT_CORPORA is not set: real documents were not compared");
        return;
    };
    let mut compared = 0;
    for folder in ["aws-events", "custom", "orcabus"] {
        for path in json_files(&root.join(folder)) {
            for event in events(&path) {
                for policy in Policy::ALL {
                    let report = compat::check(&event.payload, &event.payload, policy);
                    assert!(report.changes.is_empty(), "{}: {:?}", path.display(), report.changes);
                }
                compared += 1;
            }
        }
    }
    for path in json_files(&root.join("aws-events")) {
        let other = root.join("aws-events-draft4").join(path.file_name().unwrap());
        let (open_api, draft4) = (events(&path), events(&other));
        for (a, b) in open_api.iter().zip(&draft4) {
            let report = compat::check(&a.payload, &b.payload, Policy::Additive);
            let breaks: Vec<_> = report.breaks().map(|c| &c.message).collect();
            assert!(breaks.is_empty(), "{}: {breaks:?}", path.display());
            compared += 1;
        }
    }
    assert!(compared >= 380, "only {compared} were compared");
}
