//! Checks an event against a version of its type.
//!
//! An event may be a payload, our envelope with a payload, or either of them as EventBridge delivers it. A schema
//! describes the payload; the layers around it state the type and the major that the event claims.

use std::collections::BTreeSet;

use event_codegen::Project;
use event_folder::family::{self, Family, Loaded, Member};
use event_folder::load::{EventName, Version};
use event_folder::problem;
use event_schema::diagnostic::{Diagnostic, Related, Severity};
use event_schema::document::{Document, Json};
use event_schema::model::Node;
use event_schema::rules;
use event_schema::validate::{self, Violation};

/// The version that events are checked against.
pub(crate) struct Wanted {
    family: Family<Loaded>,
    version: Asked,
}

/// The version on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// The version that the event claims, else the newest.
    Any,
    /// The newest minor of a major.
    Major(u32),
    /// Exactly this version.
    Exactly(Version),
}

impl Wanted {
    /// Finds `TYPE[@VERSION]` or `REGISTRY/TYPE[@VERSION]` in a schema folder.
    pub(crate) fn find(text: &str, project: &Project) -> Result<Wanted, Vec<Diagnostic>> {
        let folder = &project.folder;
        let (families, problems) = family::read(folder, project.config.settings());
        let read = families.iter().map(|f| &f.name);
        let names: BTreeSet<&EventName> = read.chain(folder.events.keys()).collect();
        // a name in a registry may contain `@`: `aws.s3@ObjectCreated`
        let whole = names.iter().any(|name| is_called(name, text));
        let (name, asked) = if whole { (text, Ok(Asked::Any)) } else { split(text) };
        let name = find_name(name, &names, &folder.shown).map_err(|d| vec![*d])?.clone();
        let version = asked.map_err(|bad| vec![unknown(&folder.shown, bad)])?;
        let held = families.iter().filter(|f| f.members.iter().any(|m| m.file.name == name));
        let held: Vec<_> = held.map(|f| format!("`{}`", f.name.event)).collect();
        let wanted = families.into_iter().find(|f| f.name == name);
        let wanted = wanted.map(|family| Wanted { family, version });
        let sure = matches!(version, Asked::Exactly(_))
            && wanted.as_ref().is_some_and(|w| w.version().is_some());
        if !sure {
            // an unreadable file may be the version that is meant
            let place = wanted.as_ref().and_then(|w| w.family.members.first());
            let place = place.map_or(&name, |m| &m.file.name);
            let below = format!("{}/{}/{}/", folder.shown, place.registry, place.event);
            let own = problems.into_iter().filter(|d| d.file.starts_with(&below));
            let own: Vec<_> = own.filter(|d| d.severity == Severity::Error).collect();
            if !own.is_empty() {
                return Err(own);
            }
        }
        let message = format!("the folder has no `{text}`");
        let Some(wanted) = wanted else {
            // a document with several events may be in a folder with a name of its own
            let d = unknown(&folder.shown, message);
            return Err(vec![if held.is_empty() {
                d
            } else {
                d.with_help(format!("the documents there describe {}", held.join(", ")))
            }]);
        };
        if wanted.version().is_none() {
            let versions = wanted.family.members.iter().map(|m| format!("`{}`", m.version));
            let versions = versions.collect::<Vec<_>>().join(", ");
            let help = format!("versions of `{}`: {versions}", name.event);
            return Err(vec![unknown(&folder.shown, message).with_help(help)]);
        }
        Ok(wanted)
    }

    /// Returns the event type.
    pub(crate) fn event(&self) -> &str {
        &self.family.name.event
    }

    /// Returns the version to check against, unless an event claims another major.
    pub(crate) fn version(&self) -> Option<&Member> {
        match self.version {
            Asked::Any => self.family.members.last(),
            Asked::Major(major) => self.newest_of(major),
            Asked::Exactly(version) => self.exactly(version),
        }
    }

    /// Returns the problems of an event.
    pub(crate) fn judge(&self, event: &Document) -> Vec<Diagnostic> {
        let unwrapped = self.unwrapped(event);
        let claim = unwrapped.claim();
        let mut problems = Vec::new();
        let mut say = |at: &Json, pointer: &str, message: String| {
            let d = Diagnostic::at(&rules::EVENT_NOT_CONFORMING, event, at.span, pointer, message);
            problems.push(d);
        };
        if let Some((name, at, pointer)) = claim.event.filter(|(name, ..)| *name != self.event()) {
            let wanted = self.event();
            let message = format!("`{pointer}`: the type is `{name}`: expected `{wanted}`");
            say(at, &pointer, message);
            return problems;
        }
        let claimed = claim.major.as_ref().map(|(major, ..)| *major);
        let member = match (self.version, claimed) {
            (Asked::Any, Some(major)) => self.newest_of(major),
            _ => self.version(),
        };
        if let Some((major, at, pointer)) = &claim.major {
            let message = match member.map(|m| m.version) {
                Some(held) if held.major == *major => None,
                Some(held) => Some(format!("the major is v{major}: expected {held}")),
                None => Some(format!("the major is v{major}, which the folder does not have")),
            };
            if let Some(message) = message {
                say(at, pointer, format!("`{pointer}`: {message}"));
                return problems;
            }
        }
        let Some(member) = member else { return problems };
        let payload = &member.event.payload;
        let violations = validate::validate(payload, &unwrapped.payload.to_value());
        problems.extend(
            violations
                .err()
                .into_iter()
                .flatten()
                .map(|v| diagnostic(&v, event, &unwrapped, member)),
        );
        problems
    }

    /// Returns the payload of an event. What looks like an envelope is the payload if the schema itself declares these
    /// names and the event does not state this type.
    fn unwrapped<'e>(&self, event: &'e Document) -> Unwrapped<'e> {
        let unwrapped = unwrap(&event.root);
        let Some(Layer::Envelope(envelope, pointer)) = unwrapped.around.last() else {
            return unwrapped;
        };
        let says_type = envelope.get("type").and_then(Json::as_str) == Some(self.event());
        let whole = self.version().is_some_and(|member| {
            let payload = &member.event.payload;
            let root = payload.node(payload.resolve(payload.root));
            root.object.as_ref().is_some_and(|rules| rules.property("data").is_some())
        });
        if says_type || !whole {
            return unwrapped;
        }
        let (payload, pointer) = (*envelope, pointer.clone());
        let mut around = unwrapped.around;
        around.pop();
        Unwrapped { payload, pointer, around }
    }

    fn newest_of(&self, major: u32) -> Option<&Member> {
        self.family.members.iter().rfind(|m| m.version.major == major)
    }

    fn exactly(&self, version: Version) -> Option<&Member> {
        self.family.members.iter().find(|m| m.version == version)
    }
}

/// Splits a name from the version after `@`.
fn split(text: &str) -> (&str, Result<Asked, String>) {
    let Some((name, version)) = text.rsplit_once('@') else { return (text, Ok(Asked::Any)) };
    if let Ok(version) = version.parse() {
        return (name, Ok(Asked::Exactly(version)));
    }
    let major = version.strip_prefix('v').unwrap_or(version).parse();
    let bad = |_| format!("invalid version `{version}`: expected one such as `2.1` or `2`");
    (name, major.map(Asked::Major).map_err(bad))
}

fn unknown(folder: &str, message: String) -> Diagnostic {
    problem::unknown_event(folder, message)
}

/// Returns whether `TYPE` or `REGISTRY/TYPE` is this event.
fn is_called(name: &EventName, text: &str) -> bool {
    let parts = text.split_once('/');
    name.event == text || parts.is_some_and(|(r, e)| name.registry == r && name.event == e)
}

fn find_name<'n>(
    text: &str,
    names: &BTreeSet<&'n EventName>,
    folder: &str,
) -> Result<&'n EventName, Box<Diagnostic>> {
    let found: Vec<&EventName> = names.iter().filter(|n| is_called(n, text)).copied().collect();
    match found.as_slice() {
        [name] => Ok(name),
        [] => {
            let mut d = unknown(folder, format!("unknown event `{text}`"));
            let listed: Vec<_> = names.iter().take(10).map(|n| format!("`{}`", n.event)).collect();
            if !listed.is_empty() {
                let more = if names.len() > listed.len() { ", ..." } else { "" };
                d = d.with_help(format!("events in the folder: {}{more}", listed.join(", ")));
            }
            Err(Box::new(d))
        }
        several => {
            let names = several.iter().map(|n| format!("`{}/{}`", n.registry, n.event));
            let help = format!("name one: {}", names.collect::<Vec<_>>().join(", "));
            let message = format!("{} registries have the event `{text}`", several.len());
            Err(Box::new(
                Diagnostic::error(&rules::AMBIGUOUS_EVENT, folder.into(), message).with_help(help),
            ))
        }
    }
}

/// The payload of an event, and the layers around it, outermost first.
struct Unwrapped<'e> {
    payload: &'e Json,
    /// The pointer to the payload.
    pointer: String,
    around: Vec<Layer<'e>>,
}

enum Layer<'e> {
    /// EventBridge's own event.
    Aws(&'e Json),
    /// Our envelope, and the pointer to it.
    Envelope(&'e Json, String),
}

/// The type and the major that an event claims, with their positions.
struct Claim<'e> {
    event: Option<(&'e str, &'e Json, String)>,
    major: Option<(u32, &'e Json, String)>,
}

fn unwrap(event: &Json) -> Unwrapped<'_> {
    let has = |json: &Json, names: &[&str]| names.iter().all(|n| json.get(n).is_some());
    let mut out = Unwrapped { payload: event, pointer: String::new(), around: Vec::new() };
    if let Some(detail) = event.get("detail").filter(|_| has(event, &["detail-type", "source"])) {
        out.around.push(Layer::Aws(event));
        out.payload = detail;
        out.pointer.push_str("/detail");
    }
    let envelope = out.payload;
    let parts = ["id", "source", "type", "version", "occurredAt"];
    if let Some(data) = envelope.get("data").filter(|_| has(envelope, &parts)) {
        out.around.push(Layer::Envelope(envelope, out.pointer.clone()));
        out.payload = data;
        out.pointer.push_str("/data");
    }
    out
}

impl<'e> Unwrapped<'e> {
    /// Returns the claim of the event. The envelope takes precedence, and a `detail-type` counts only in our form.
    fn claim(&self) -> Claim<'e> {
        let mut claim = Claim { event: None, major: None };
        for layer in &self.around {
            match layer {
                Layer::Aws(event) => {
                    let Some(at) = event.get("detail-type") else { continue };
                    let parts = at.as_str().and_then(|s| s.rsplit_once(":v"));
                    let Some((name, major)) = parts else { continue };
                    let Ok(major) = major.parse() else { continue };
                    claim.event = Some((name, at, "/detail-type".to_owned()));
                    claim.major = Some((major, at, "/detail-type".to_owned()));
                }
                Layer::Envelope(envelope, pointer) => {
                    if let Some((at, name)) =
                        envelope.get("type").and_then(|j| Some((j, j.as_str()?)))
                    {
                        claim.event = Some((name, at, format!("{pointer}/type")));
                    }
                    let major = |j: &'e Json| j.as_str()?.strip_prefix('v')?.parse().ok();
                    let version = envelope.get("version").and_then(|j| Some((major(j)?, j)));
                    if let Some((major, at)) = version {
                        claim.major = Some((major, at, format!("{pointer}/version")));
                    }
                }
            }
        }
        claim
    }
}

fn diagnostic(
    v: &Violation,
    event: &Document,
    unwrapped: &Unwrapped<'_>,
    member: &Member,
) -> Diagnostic {
    let pointer = format!("{}{}", unwrapped.pointer, v.instance);
    let place = unwrapped.payload.pointer(&v.instance).unwrap_or(unwrapped.payload);
    let subject = if pointer.is_empty() { "the event".to_owned() } else { format!("`{pointer}`") };
    let message = format!("{subject}: {}", v.message);
    let mut d = Diagnostic::at(&rules::EVENT_NOT_CONFORMING, event, place.span, pointer, message);
    let payload = &member.event.payload;
    let of = |n: &Node| n.pointer == v.schema && n.file == v.file;
    if let Some((_, node)) = payload.nodes().find(|(_, n)| of(n)) {
        d.related.push(Related {
            file: node.file.clone().unwrap_or_else(|| payload.file.clone()),
            span: Some(node.span),
            pos: Some(node.pos),
            label: format!("{} states", member.version),
        });
    }
    d
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_after_the_type_is_split_off() {
        let exactly = |major, minor| Ok(Asked::Exactly(Version { major, minor }));
        assert_eq!(split("a.b"), ("a.b", Ok(Asked::Any)));
        assert_eq!(split("r/a.b@2.1"), ("r/a.b", exactly(2, 1)));
        assert_eq!(split("a.b@2"), ("a.b", Ok(Asked::Major(2))));
        assert_eq!(split("a.b@v2"), ("a.b", Ok(Asked::Major(2))));
        for bad in ["a.b@", "a.b@latest", "a.b@2.1.0", "a.b@99999999999"] {
            assert!(split(bad).1.is_err(), "{bad}");
        }
    }

    fn pointer(text: &str) -> String {
        unwrap(&Document::parse("a", text).unwrap().root).pointer
    }

    #[test]
    fn payload_is_found_in_envelope_and_aws_event() {
        let envelope = r#"{"id": "1", "source": "s", "type": "a.b", "version": "v2", "occurredAt": "t", "data": {}}"#;
        let aws = |detail: &str| {
            format!(r#"{{"source": "s", "detail-type": "a.b:v2", "detail": {detail}}}"#)
        };
        assert_eq!(pointer(envelope), "/data");
        assert_eq!(pointer(&aws("{}")), "/detail");
        assert_eq!(pointer(&aws(envelope)), "/detail/data");
        for payload in ["{}", "3", r#"{"detail": 1}"#, r#"{"data": {}, "id": 1}"#] {
            assert_eq!(pointer(payload), "");
        }
    }

    #[test]
    fn claim_of_the_envelope_takes_precedence() {
        let doc = Document::parse(
            "a",
            r#"{"source": "s", "detail-type": "x:v9", "detail": {"id": "1", "source": "s", "type": "a.b", "version": "v2", "occurredAt": "t", "data": {}}}"#,
        );
        let doc = doc.unwrap();
        let claim = unwrap(&doc.root).claim();
        let (name, _, pointer) = claim.event.unwrap();
        assert_eq!((name, pointer.as_str()), ("a.b", "/detail/type"));
        assert_eq!(claim.major.unwrap().0, 2);
    }
}
