use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::{fs, io};

use event_folder::commit::{begin, commit, hold};

use super::*;

fn schema(major: u32, fields: &[&str]) -> Arc<str> {
    let fields: Vec<String> =
        fields.iter().map(|f| format!("\"{f}\": {{ \"type\": \"string\" }}")).collect();
    format!(
        "{{ \"x-amazon-events-source\": \"app\", \"x-amazon-events-detail-type\": \"a.b:v{major}\", \"type\": \"object\", \"properties\": {{ {} }} }}\n",
        fields.join(", ")
    )
    .into()
}

fn fetched(name: &str, versions: &[Arc<str>]) -> Fetched {
    Fetched { schema: name.to_owned(), versions: (1..).zip(versions.iter().cloned()).collect() }
}

/// Two majors of an event, and an event whose majors the change checker decides.
fn registry() -> Vec<Fetched> {
    let plain = |ty: &str| {
        format!("{{ \"type\": \"object\", \"properties\": {{ \"n\": {{ \"type\": \"{ty}\" }} }} }}")
            .into()
    };
    vec![
        fetched("app@a.b-v1", &[schema(1, &["x"]), schema(1, &["x", "y"])]),
        fetched("app@a.b-v2", &[schema(2, &["z"])]),
        fetched("../../evil", &[plain("string"), plain("integer")]),
    ]
}

/// Returns every file below a folder, with its text and time.
fn tree(root: &Path) -> BTreeMap<PathBuf, (String, std::time::SystemTime)> {
    let mut out = BTreeMap::new();
    let mut todo = vec![root.to_owned()];
    while let Some(dir) = todo.pop() {
        for entry in fs::read_dir(&dir).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                todo.push(path);
            } else {
                let time = fs::metadata(&path).unwrap().modified().unwrap();
                out.insert(
                    path.strip_prefix(root).unwrap().to_owned(),
                    (fs::read_to_string(&path).unwrap(), time),
                );
            }
        }
    }
    out
}

fn texts(root: &Path) -> BTreeMap<PathBuf, String> {
    tree(root).into_iter().map(|(path, (text, _))| (path, text)).collect()
}

fn rules(root: &Path) -> BTreeSet<&'static str> {
    let (folder, mut problems) = Folder::read(root, "schemas");
    let lock = Lock::parse(folder.lock.as_deref().unwrap_or_default(), "schemas.lock").unwrap();
    problems.extend(Drift::between(&lock, &folder).diagnostics(&folder));
    let (families, more) = family::read(&folder, &Settings::default());
    problems.extend(more);
    problems
        .extend(family::check(families, Terms::default()).unwrap_or_else(|e| (Vec::new(), e)).1);
    problems.iter().map(|d| d.rule.id).collect()
}

#[test]
fn pull_into_an_empty_folder_is_byte_equal_and_a_second_one_writes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("schemas");
    assert!(
        commit(
            &root,
            &plan(&root, &Site::Unknown, "core", &registry(), Revisions::All).unwrap().change
        )
        .unwrap()
    );
    let expected = [
        "core/%2E.%2F..%2Fevil/1.0.json",
        "core/%2E.%2F..%2Fevil/2.0.json",
        "core/a.b/1.0.json",
        "core/a.b/1.1.json",
        "core/a.b/2.0.json",
        "schemas.lock",
    ];
    let first = tree(&root);
    assert_eq!(first.keys().map(|p| p.to_str().unwrap()).collect::<Vec<_>>(), expected);
    assert_eq!(first[Path::new("core/a.b/1.1.json")].0, *schema(1, &["x", "y"]));
    assert_eq!(rules(&root), BTreeSet::new());
    assert!(
        !commit(
            &root,
            &plan(&root, &Site::Unknown, "core", &registry(), Revisions::All).unwrap().change
        )
        .unwrap()
    );
    assert_eq!(tree(&root), first);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    // a lost file is restored
    fs::remove_file(root.join("core/a.b/1.1.json")).unwrap();
    commit(
        &root,
        &plan(&root, &Site::Unknown, "core", &registry(), Revisions::All).unwrap().change,
    )
    .unwrap();
    assert_eq!(texts(&root), first.iter().map(|(p, (t, _))| (p.clone(), t.clone())).collect());
}

#[test]
fn pull_killed_after_any_step_leaves_a_valid_folder_and_the_next_one_finishes() {
    let whole = tempfile::tempdir().unwrap();
    commit(
        whole.path(),
        &plan(whole.path(), &Site::Unknown, "core", &registry(), Revisions::All).unwrap().change,
    )
    .unwrap();
    let mut early = registry();
    early[0].versions.remove(&2);
    early.truncate(1);
    for k in 0.. {
        let dir = tempfile::tempdir().unwrap();
        commit(
            dir.path(),
            &plan(dir.path(), &Site::Unknown, "core", &early, Revisions::All).unwrap().change,
        )
        .unwrap();
        let before = texts(dir.path());
        let planned =
            plan(dir.path(), &Site::Unknown, "core", &registry(), Revisions::All).unwrap();
        if k > begin(dir.path(), &planned.change, k).unwrap() {
            assert!(k > 8, "{k}");
            break;
        }
        let left = rules(dir.path());
        assert!(left.is_subset(&BTreeSet::from(["schema-not-locked"])), "{k}: {left:?}");
        let now = texts(dir.path());
        for (path, text) in before.iter().filter(|(p, _)| !p.ends_with(lock::FILE)) {
            assert_eq!(now.get(path), Some(text), "{k}");
        }
        commit(
            dir.path(),
            &plan(dir.path(), &Site::Unknown, "core", &registry(), Revisions::All).unwrap().change,
        )
        .unwrap();
        let _ = fs::remove_dir_all(dir.path().join(".pull"));
        assert_eq!(texts(dir.path()), texts(whole.path()), "{k}");
    }
}

#[test]
fn breaking_version_is_refused_by_the_change_checker_and_nothing_is_written() {
    let dir = tempfile::tempdir().unwrap();
    commit(
        dir.path(),
        &plan(dir.path(), &Site::Unknown, "core", &registry(), Revisions::All).unwrap().change,
    )
    .unwrap();
    let before = tree(dir.path());
    let mut broken = registry();
    broken[0].versions.insert(3, schema(1, &["y"]));
    broken[2].versions.insert(3, "{ no schema".into());
    let problems = plan(dir.path(), &Site::Unknown, "core", &broken, Revisions::All).unwrap_err();
    let rules: BTreeSet<&str> = problems.iter().map(|d| d.rule.id).collect();
    assert_eq!(
        rules,
        BTreeSet::from(["optional-field-removed", "schema-not-json"]),
        "{problems:?}"
    );
    assert_eq!(tree(dir.path()), before);
}

#[test]
fn contradicting_history_names_and_majors_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    commit(
        dir.path(),
        &plan(dir.path(), &Site::Unknown, "core", &registry(), Revisions::All).unwrap().change,
    )
    .unwrap();
    let refused = |fetched: &[Fetched]| {
        let problems =
            plan(dir.path(), &Site::Unknown, "core", fetched, Revisions::All).unwrap_err();
        problems.iter().map(|d| d.rule.id).collect::<Vec<_>>()
    };
    let rewritten = fetched("app@a.b-v1", &[schema(1, &["x", "w"])]);
    assert_eq!(refused(&[rewritten]), ["registry-history-changed"]);
    let contradicts = fetched("app@a.b-v3", &[schema(4, &["x"])]);
    assert_eq!(refused(&[contradicts]), ["registry-major-contradicts"]);
    let other_source = fetched("shop@a.b-v2", &[schema(2, &["q"])]);
    assert_eq!(refused(&[other_source]), ["registry-version-taken"]);
    let shouted = fetched("A.B", &["{ \"type\": \"object\" }".into()]);
    assert_eq!(refused(&[shouted]), ["registry-names-clash"]);
    assert_eq!(
        refused(&[fetched(&"x".repeat(300), &["{ \"type\": \"object\" }".into()])]),
        ["registry-name"]
    );
}

#[cfg(unix)]
#[test]
fn links_are_not_followed_and_a_second_writer_waits() {
    let (dir, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let root = dir.path();
    let planned = plan(root, &Site::Unknown, "core", &registry(), Revisions::All).unwrap();
    for name in ["core", ".pull", "schemas.lock"] {
        std::os::unix::fs::symlink(outside.path(), root.join(name)).unwrap();
        let e = commit(root, &planned.change).unwrap_err();
        assert!(e.to_string().contains("is a link: expected"), "{e}");
        fs::remove_file(root.join(name)).unwrap();
    }
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    let held = hold(root).unwrap();
    assert_eq!(commit(root, &planned.change).unwrap_err().kind(), io::ErrorKind::WouldBlock);
    drop(held);
    commit(root, &planned.change).unwrap();
}
