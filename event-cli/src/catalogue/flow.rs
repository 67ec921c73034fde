//! A picture of who publishes what for whom, as SVG.

use std::fmt::Write;

use super::data::Event;
use super::escape::html as esc;

/// Height of a row, and the gap between two.
const ROW: usize = 30;
const GAP: usize = 10;

/// Left edges and widths of publishers, majors and consumers.
const COLUMNS: [(usize, usize); 3] = [(0, 210), (280, 170), (520, 240)];

/// How many characters of a name fit.
const CHARS: [usize; 3] = [27, 22, 31];

/// The width of the picture.
const WIDTH: usize = 760;

/// The picture of one event; none where nobody is known to publish or read it.
pub(super) fn of_event(event: &Event) -> Option<String> {
    let (mut publishers, mut readers): (Vec<&str>, Vec<(&str, &str)>) = (Vec::new(), Vec::new());
    for major in &event.majors {
        publishers.extend(major.publishers.iter().map(String::as_str));
        readers.extend(major.readers.iter().map(|r| (r.bus.as_str(), r.name.as_str())));
    }
    publishers.sort_unstable();
    publishers.dedup();
    readers.sort_unstable();
    readers.dedup();
    if publishers.is_empty() && readers.is_empty() {
        return None;
    }
    let rows = publishers.len().max(event.majors.len()).max(readers.len());
    let height = 24 + rows * (ROW + GAP);
    let mut out = String::new();
    let label = format!("who publishes and who reads {}", event.name);
    let _ = write!(
        out,
        "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{}\">",
        esc(&label)
    );
    for (column, head) in ["publishes", "event", "reads"].iter().enumerate() {
        let _ =
            write!(out, "<text class=\"head\" x=\"{}\" y=\"14\">{head}</text>", COLUMNS[column].0);
    }
    let y = |at: usize, of: usize| {
        // shorter columns stand in the middle
        let free = (rows - of) * (ROW + GAP) / 2;
        24 + free + at * (ROW + GAP)
    };
    for (m, major) in event.majors.iter().enumerate() {
        let middle = y(m, event.majors.len()) + ROW / 2;
        for publisher in &major.publishers {
            let at = publishers.iter().position(|p| p == publisher).unwrap_or_default();
            let from = (COLUMNS[0].0 + COLUMNS[0].1, y(at, publishers.len()) + ROW / 2);
            line(&mut out, from, (COLUMNS[1].0, middle));
        }
        for reader in &major.readers {
            let is = |r: &(&str, &str)| *r == (reader.bus.as_str(), reader.name.as_str());
            let at = readers.iter().position(is).unwrap_or_default();
            let to = (COLUMNS[2].0, y(at, readers.len()) + ROW / 2);
            line(&mut out, (COLUMNS[1].0 + COLUMNS[1].1, middle), to);
        }
    }
    for (at, publisher) in publishers.iter().enumerate() {
        node(&mut out, 0, y(at, publishers.len()), "", publisher);
    }
    for (at, major) in event.majors.iter().enumerate() {
        let class = if major.retired { "retired" } else { "" };
        let name = format!("v{}{}", major.major, if major.retired { " (retired)" } else { "" });
        node(&mut out, 1, y(at, event.majors.len()), class, &name);
    }
    for (at, (bus, reader)) in readers.iter().enumerate() {
        node(&mut out, 2, y(at, readers.len()), "", &format!("{reader} ({bus})"));
    }
    out.push_str("</svg>");
    Some(out)
}

fn line(out: &mut String, (x1, y1): (usize, usize), (x2, y2): (usize, usize)) {
    let middle = usize::midpoint(x1, x2);
    let _ = write!(out, "<path d=\"M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}\"/>");
}

fn node(out: &mut String, column: usize, y: usize, class: &str, name: &str) {
    let (x, width) = COLUMNS[column];
    let mut shown: String = name.chars().take(CHARS[column]).collect();
    if shown.chars().count() < name.chars().count() {
        shown.push('…');
    }
    let kind = if column == 1 { "event" } else { "" };
    let _ = write!(
        out,
        "<g class=\"{class}\"><title>{}</title><rect class=\"{kind}\" x=\"{}\" y=\"{y}\" width=\"{}\" height=\"{ROW}\" rx=\"6\"/><text x=\"{}\" y=\"{}\">{}</text></g>",
        esc(name),
        x + 1,
        width - 2,
        x + 12,
        y + 20,
        esc(&shown),
    );
}
