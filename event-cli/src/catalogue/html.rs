//! The catalogue as one page: style, script and pictures are in it, and a content security policy lets nothing else in.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use super::data::{Catalogue, Change, Event, MajorPage, VersionPage};
use super::escape::{anchor, html as esc};
use super::flow;
use super::tree::Field;

const STYLE: &str = include_str!("page/style.css");
const SCRIPT: &str = include_str!("page/search.js");

/// The page.
pub(crate) fn page(catalogue: &Catalogue) -> String {
    let mut out = String::with_capacity(64 * 1024);
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        digest(STYLE),
        digest(SCRIPT)
    );
    let title = esc(&catalogue.title);
    let majors = catalogue.events.iter().map(|event| event.majors.len()).sum::<usize>();
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <header>\n<h1>{title}</h1>\n<p>{} events, {majors} majors{}</p>\n</header>\n<main>\n\
         <div class=\"bar\" hidden><label for=\"search\">Search events, fields, publishers and consumers</label>\
         <input id=\"search\" type=\"search\" autocomplete=\"off\" spellcheck=\"false\"> <label id=\"count\" for=\"search\" aria-live=\"polite\"></label></div>\n",
        catalogue.events.len(),
        buses(&catalogue.buses),
    );
    for one in &catalogue.events {
        event(&mut out, one);
    }
    let _ = write!(
        out,
        "<p id=\"none\" class=\"none\" hidden>No event has all of these words.</p>\n</main>\n\
         <footer>Written by <code>cargo event catalogue</code> from the schema folder and its topologies.</footer>\n\
         <script>{SCRIPT}</script>\n</body>\n</html>\n"
    );
    out
}

fn buses(buses: &[String]) -> String {
    match buses {
        [] => String::new(),
        [one] => format!(", bus {}", esc(one)),
        many => {
            let all: Vec<String> = many.iter().take(12).map(|bus| esc(bus)).collect();
            let more = if many.len() > 12 { ", .." } else { "" };
            format!(", buses {}{more}", all.join(", "))
        }
    }
}

/// The digest of a text in a content security policy.
fn digest(text: &str) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bytes = Sha256::digest(text.as_bytes());
    let mut out = String::with_capacity(44);
    for some in bytes.chunks(3) {
        let word = some.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte));
        let word = word << (8 * (3 - some.len()));
        for at in 0..4 {
            let sign = SIGNS[(word >> (18 - 6 * at)) as usize & 63];
            out.push(if at <= some.len() { char::from(sign) } else { '=' });
        }
    }
    out
}

fn event(out: &mut String, event: &Event) {
    let id = anchor(&format!("{}/{}", event.registry, event.name));
    let _ = write!(
        out,
        "<details class=\"event\" id=\"{}\" data-search=\"{}\">\n<summary><h2>{}</h2><span class=\"chip\">{}</span>",
        esc(&id),
        esc(&words(event)),
        esc(&event.name),
        esc(&event.registry),
    );
    for major in &event.majors {
        let (class, state) = state(major);
        let _ = write!(out, "<span class=\"chip {class}\">v{}{}</span>", major.major, esc(&state));
    }
    if let Some(docs) = &event.docs {
        let _ = write!(out, "<p class=\"docs\">{}</p>", esc(docs));
    }
    out.push_str("</summary>\n<div class=\"body\">\n");
    if let Some(picture) = flow::of_event(event) {
        let _ = writeln!(out, "<div class=\"flow\">{picture}</div>");
    }
    for one in event.majors.iter().rev() {
        major(out, one);
    }
    out.push_str("</div>\n</details>\n");
}

/// What a search looks at.
fn words(event: &Event) -> String {
    let mut out = format!("{} {}", event.registry, event.name);
    for major in &event.majors {
        for text in [Some(&major.detail_type), major.source.as_ref()].into_iter().flatten() {
            let _ = write!(out, " {text}");
        }
        for name in major.publishers.iter().chain(major.readers.iter().map(|r| &r.name)) {
            let _ = write!(out, " {name}");
        }
        names(&major.fields, &mut out);
    }
    out
}

fn names(fields: &[Field], out: &mut String) {
    for field in fields {
        let _ = write!(out, " {}", field.name);
        names(&field.fields, out);
    }
}

fn state(major: &MajorPage) -> (&'static str, String) {
    match &major.sunset {
        _ if major.retired => ("retired", " retired".to_owned()),
        Some(day) => ("sunset", format!(" until {day}")),
        None => ("live", String::new()),
    }
}

fn major(out: &mut String, major: &MajorPage) {
    let (class, state) = state(major);
    let _ = write!(out, "<section>\n<h3>Version {}", major.major);
    if !state.is_empty() {
        let _ = write!(out, " <span class=\"chip {class}\">{}</span>", esc(state.trim()));
    }
    out.push_str("</h3>\n<dl class=\"facts\">");
    fact(out, "Detail-type", &format!("<code>{}</code>", esc(&major.detail_type)));
    let source = major
        .source
        .as_deref()
        .map_or_else(|| "not stated".to_owned(), |s| format!("<code>{}</code>", esc(s)));
    fact(out, "Source", &source);
    let publishers: Vec<String> = major.publishers.iter().map(|p| esc(p)).collect();
    fact(out, "Published by", &listed(&publishers));
    let readers: Vec<String> = major
        .readers
        .iter()
        .map(|reader| {
            let upcast =
                reader.upcast_to.map(|to| format!(", converted to v{to}")).unwrap_or_default();
            format!(
                "{} on bus {} (built with {}{upcast})",
                esc(&reader.name),
                esc(&reader.bus),
                esc(&reader.built_with)
            )
        })
        .collect();
    fact(out, "Read by", &listed(&readers));
    out.push_str("</dl>\n");
    if !major.fields.is_empty() {
        out.push_str("<h4>Fields</h4>\n");
        tree(out, &major.fields, "tree");
    }
    if let Some(example) = &major.example {
        let _ = writeln!(out, "<h4>Example</h4>\n<pre>{}</pre>", esc(&format!("{example:#}")));
    }
    out.push_str("<h4>Versions</h4>\n<ol class=\"versions\">");
    for one in major.versions.iter().rev() {
        version(out, one);
    }
    out.push_str("</ol>\n</section>\n");
}

fn listed(items: &[String]) -> String {
    if items.is_empty() { "nobody is declared".to_owned() } else { items.join("<br>") }
}

fn fact(out: &mut String, name: &str, value: &str) {
    let _ = write!(out, "<dt>{name}</dt><dd>{value}</dd>");
}

fn tree(out: &mut String, fields: &[Field], class: &str) {
    let _ = write!(out, "<ul class=\"{class}\">");
    for field in fields {
        let optional = if field.required { "" } else { " <span class=\"note\">optional</span>" };
        let deprecated =
            if field.deprecated { " <span class=\"note\">deprecated</span>" } else { "" };
        let _ = write!(
            out,
            "<li><code class=\"name\">{}</code> <code class=\"kind\">{}</code>{optional}{deprecated}",
            esc(&field.name),
            esc(&field.kind),
        );
        if let Some(default) = &field.default {
            let _ = write!(
                out,
                " <span class=\"note\">default: <code>{}</code></span>",
                esc(&default.to_string())
            );
        }
        if let Some(docs) = &field.docs {
            let _ = write!(out, "<div class=\"note\">{}</div>", esc(docs));
        }
        if !field.fields.is_empty() {
            tree(out, &field.fields, "");
        }
        out.push_str("</li>");
    }
    out.push_str("</ul>\n");
}

fn version(out: &mut String, version: &VersionPage) {
    let state = if version.locked { "" } else { "<span class=\"chip sunset\">not locked</span>" };
    let _ = write!(out, "<li><strong>{}</strong>{state}", esc(&version.version));
    match &version.before {
        None => out.push_str("<span class=\"note\">the first version</span>"),
        Some(before) if version.changes.is_empty() => {
            let _ =
                write!(out, "<span class=\"note\">the fields are those of {}</span>", esc(before));
        }
        Some(before) => {
            let _ = write!(
                out,
                "<span class=\"note\">since {}:</span><ul class=\"changes\">",
                esc(before)
            );
            version.changes.iter().for_each(|one| change(out, one));
            if version.more > 0 {
                let _ = write!(out, "<li>and {} more</li>", version.more);
            }
            out.push_str("</ul>");
        }
    }
    out.push_str("</li>");
}

fn change(out: &mut String, change: &Change) {
    let (class, word) = if change.breaks { ("breaks", "breaks") } else { ("fine", "allowed") };
    let _ = write!(
        out,
        "<li><span class=\"{class}\">{word}</span> {} <span class=\"rule\">{}</span>",
        esc(&change.message),
        esc(change.rule)
    );
    let facts = [("was", &change.was), ("now", &change.now)];
    let facts: Vec<String> = facts
        .iter()
        .filter_map(|(name, fact)| {
            fact.as_ref().map(|fact| format!("{name}: <code>{}</code>", esc(fact)))
        })
        .collect();
    if !facts.is_empty() {
        let _ = write!(out, "<span class=\"was\">{}</span>", facts.join(" &nbsp; "));
    }
    if let Some(witness) = &change.witness {
        let _ =
            write!(out, "<span class=\"witness\">witness: <code>{}</code></span>", esc(witness));
    }
    out.push_str("</li>");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_base64_of_sha256() {
        // of the empty text
        assert_eq!(digest(""), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    }
}
