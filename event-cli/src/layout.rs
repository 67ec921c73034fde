//! Lays out text in the columns of a terminal: wraps words, and colours tables.
//!
//! The stream removes colours if it is not a terminal. Such a stream has no width either, so that each fact stays on
//! one line, for `grep`.

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

/// The style of headings.
pub(crate) const HEADING: Style = Style::new().bold();
/// The style of errors and missing things.
pub(crate) const BAD: Style = AnsiColor::BrightRed.on_default().bold();
/// The style of warnings and news.
pub(crate) const ODD: Style = AnsiColor::Yellow.on_default();
/// The style of things that are fine.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// The style of labels.
pub(crate) const FAINT: Style = Style::new().dimmed();

/// The least width at which text is wrapped: one word per line does not help.
const NARROW: usize = 24;

/// Returns the text in a style.
pub(crate) fn painted(text: &str, style: Style) -> String {
    format!("{style}{text}{style:#}")
}

/// Returns the text in a style, padded with spaces to the width of its column.
pub(crate) fn padded(text: &str, style: Style, width: usize) -> String {
    let blanks = width.saturating_sub(text.width());
    format!("{style}{text}{style:#}{:blanks$}", "")
}

/// Wraps a text at words to `width` columns, with every line but the first indented by `indent`.
pub(crate) fn wrapped(text: &str, indent: usize, width: Option<usize>) -> String {
    lines(text, width.map(|w| w.saturating_sub(indent))).join(&format!("\n{:indent$}", ""))
}

/// Returns the lines of a text in `room` columns. A command in backticks stays on one line if it fits, so that it can
/// be copied. A word that is too long breaks after commas, as in JSON, or not.
pub(crate) fn lines(text: &str, room: Option<usize>) -> Vec<String> {
    let Some(room) = room.filter(|room| *room >= NARROW) else { return vec![text.to_owned()] };
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in words(text, room) {
        for (i, part) in parts(word, room).into_iter().enumerate() {
            let gap = usize::from(i == 0 && used > 0);
            let columns = part.width();
            if used > 0 && used + gap + columns > room {
                lines.push(String::new());
                used = 0;
            }
            if let Some(line) = lines.last_mut() {
                if used > 0 && gap > 0 {
                    line.push(' ');
                    used += 1;
                }
                line.push_str(part);
                used += columns;
            }
        }
    }
    lines
}

/// Returns the words of a text: parts between spaces that are not between backticks.
fn words(text: &str, room: usize) -> Vec<&str> {
    let (mut out, mut start, mut quoted) = (Vec::new(), 0, false);
    for (at, c) in text.char_indices() {
        quoted ^= c == '`';
        if c == ' ' && !quoted {
            out.push(&text[start..at]);
            start = at + 1;
        }
    }
    out.push(&text[start..]);
    out.into_iter().flat_map(|word| one_or_split(word, room)).collect()
}

/// Returns the word, or the words in it if it is too long for a line.
fn one_or_split(word: &str, room: usize) -> Vec<&str> {
    if word.width() > room { word.split(' ').collect() } else { vec![word] }
}

/// Returns the whole word if it fits, else its parts with their commas.
fn parts(word: &str, room: usize) -> Vec<&str> {
    if word.width() <= room { vec![word] } else { word.split_inclusive(',').collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_wraps_at_words_within_the_width() {
        let text = "events written before may lack it, and old readers require it";
        let lines = wrapped(text, 4, Some(34));
        assert_eq!(lines, "events written before may lack\n    it, and old readers require it");
        assert_eq!(lines.split_whitespace().collect::<Vec<_>>().join(" "), text);
        assert_eq!(wrapped(text, 4, None), text);
        assert_eq!(wrapped(text, 4, Some(20)), text);
    }

    #[test]
    fn long_json_breaks_after_commas_and_a_long_word_does_not_break() {
        let json = r#"{"first":"aaaaaaaaaaaaaaaa","second":"bbbbbbbbbbbbbbbb"}"#;
        let lines = wrapped(json, 0, Some(40));
        assert_eq!(lines.replace('\n', ""), json);
        assert_eq!(lines.lines().count(), 2);
        let word = "x".repeat(60);
        assert_eq!(wrapped(&word, 0, Some(40)), word);
        assert_eq!(wrapped(&format!("a {word} b"), 0, Some(40)), format!("a\n{word}\nb"));
    }

    #[test]
    fn command_in_backticks_stays_on_a_line_that_has_room() {
        let text = "take the text back: `git checkout -- a.json`, then run `cargo event lock`";
        assert_eq!(
            lines(text, Some(40)),
            ["take the text back:", "`git checkout -- a.json`, then run", "`cargo event lock`",]
        );
        // longer than a line, and one that is not closed
        let long = format!("`mv {} b`", "a".repeat(40));
        assert_eq!(lines(&long, Some(30)).len(), 3);
        assert_eq!(lines("a `b c", Some(30)), ["a `b c"]);
    }

    #[test]
    fn wide_letters_take_two_columns() {
        let text = "受注 受注 受注 受注 受注 受注 受注";
        assert_eq!(wrapped(text, 0, Some(24)), "受注 受注 受注 受注 受注\n受注 受注");
        assert_eq!(padded("受注", Style::new(), 6), "受注  ");
    }
}
