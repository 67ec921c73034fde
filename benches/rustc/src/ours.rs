//! What event-codegen makes of schemas.

use std::fs;
use std::path::PathBuf;

use event_folder::load::Folder;
use event_folder::lock::Lock;

use crate::{Schemas, krate};

/// The text of all schemas' types. Who publishes an event where its schema doesn't say it: `source`.
pub fn text(schemas: &Schemas, source: Option<&str>) -> String {
    let root = lay_out(schemas);
    let mut config = event_codegen::configure().schemas(&root);
    if let Some(source) = source {
        config = config.source("bench", source);
    }
    let (diagnostics, generated) = config.run();
    generated.unwrap_or_else(|| panic!("{diagnostics:#?}")).rust
}

/// The schemas without those that no types can be made of: their references lead to files that aren't
/// there.
pub fn possible(mut schemas: Schemas) -> Schemas {
    loop {
        let root = lay_out(&schemas);
        let (diagnostics, generated) = event_codegen::configure().schemas(&root).run();
        if generated.is_some() {
            return schemas;
        }
        let before = schemas.len();
        for d in diagnostics {
            if let Some(event) = d.file.split('/').nth_back(1) {
                schemas.remove(event);
            }
        }
        assert!(schemas.len() < before, "errors that name no schema");
    }
}

fn lay_out(schemas: &Schemas) -> PathBuf {
    let root = krate::scratch().join("schemas");
    let _ = fs::remove_dir_all(&root);
    for (name, text) in schemas {
        let event = root.join("bench").join(name);
        fs::create_dir_all(&event).expect("a folder");
        fs::write(event.join("1.0.json"), text).expect("a schema");
    }
    let (folder, problems) = Folder::read(&root, "schemas");
    assert_eq!(problems, []);
    fs::write(root.join("schemas.lock"), Lock::of(&folder).to_text()).expect("a lock");
    root
}
