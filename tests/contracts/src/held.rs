//! Checks a type against a schema without a compiler: codegen compiles the schema into a baseline,
//! and the type's shape is checked against it, as the derive does in const evaluation.

use std::fs;
use std::path::Path;

use event_codegen::{Project, generate};
use event_folder::lock::Lock;
use event_shape::baseline::Baseline;
use event_shape::{Definition, Locked, Ref, check};

/// Locks the current state of a schema folder.
pub fn lock(folder: &Path) {
    let project = Project::open(folder);
    assert!(project.diagnostics.is_empty(), "{:#?}", project.diagnostics);
    fs::write(folder.join("schemas.lock"), Lock::of(&project.folder).to_text()).unwrap();
}

/// The result of the derive for a shape and the first version of this event in a locked folder.
///
/// # Errors
///
/// The message of the break.
pub fn held(folder: &Path, event: &str, shape: Ref) -> Result<(), String> {
    let project = Project::open(folder);
    let problems = (&project.diagnostics, &project.lock_diagnostics);
    assert!(problems.0.is_empty() && problems.1.is_empty(), "{problems:#?}");
    let generated = generate(&project.families, &event_codegen::configure()).unwrap();
    let text = generated.baselines.iter().find(|(name, _)| name.contains(event));
    let baseline = Baseline::parse(text.unwrap().1).unwrap();
    let version = &baseline.versions[0];

    let mut root = String::new();
    version.root.write(&mut root);
    let texts: Vec<String> = version.defs.iter().map(|d| d.ty.to_text()).collect();
    let definitions: Vec<Definition<'_>> = version
        .defs
        .iter()
        .zip(&texts)
        .map(|(d, text)| Definition { name: &d.rust, line: d.line, text })
        .collect();
    let locked = Locked {
        event: &baseline.event,
        version: "1.0",
        against: "1.0",
        file: &version.file,
        locked: true,
        exact: true,
        generated: false,
        root: &root,
        definitions: &definitions,
    };
    check::check_event(&locked, shape).map_err(|m| m.as_str().to_owned())
}
