//! Metric math: `+ - * /`, comparisons, `AND`, `OR`, `IF` and `FILL` over series.

use std::collections::BTreeMap;

use super::Series;

/// A number, or one a minute.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Number(f64),
    Series(Series),
}

/// What an expression is evaluated over.
pub(crate) struct Window<'a> {
    pub(crate) series: &'a BTreeMap<String, Series>,
    /// The minutes of the periods.
    pub(crate) minutes: Vec<i64>,
    /// Whether `FILL` fills a metric that has no value in the whole window. The guide does not say.
    pub(crate) fills_empty: bool,
}

/// The value of an expression.
pub(crate) fn evaluate(expression: &str, window: &Window<'_>) -> Value {
    let tokens = tokens(expression);
    let mut parser = Parser { tokens: &tokens, at: 0, window };
    let value = parser.either();
    assert_eq!(parser.at, tokens.len(), "unread: {:?}", &tokens[parser.at..]);
    value
}

fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let characters: Vec<char> = text.chars().collect();
    let mut at = 0;
    while at < characters.len() {
        let start = at;
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
        let operator = |c: char| "=!<>&|".contains(c);
        match characters[at] {
            c if c.is_whitespace() => {
                at += 1;
                continue;
            }
            c if word(c) => at += characters[at..].iter().take_while(|c| word(**c)).count(),
            c if operator(c) => at += characters[at..].iter().take_while(|c| operator(**c)).count(),
            _ => at += 1,
        }
        tokens.push(characters[start..at].iter().collect());
    }
    tokens
}

struct Parser<'a> {
    tokens: &'a [String],
    at: usize,
    window: &'a Window<'a>,
}

impl Parser<'_> {
    fn taken(&mut self, operators: &[&str]) -> Option<String> {
        let token = self.tokens.get(self.at)?;
        operators.contains(&token.as_str()).then(|| {
            self.at += 1;
            token.clone()
        })
    }

    fn expect(&mut self, token: &str) {
        assert!(
            self.taken(&[token]).is_some(),
            "expected {token} at {:?}",
            &self.tokens[self.at..]
        );
    }

    fn either(&mut self) -> Value {
        let mut value = self.both();
        while self.taken(&["OR", "||"]).is_some() {
            let other = self.both();
            value = pairwise(&value, &other, |a, b| Some(truth(a != 0.0 || b != 0.0)));
        }
        value
    }

    fn both(&mut self) -> Value {
        let mut value = self.compared();
        while self.taken(&["AND", "&&"]).is_some() {
            let other = self.compared();
            value = pairwise(&value, &other, |a, b| Some(truth(a != 0.0 && b != 0.0)));
        }
        value
    }

    #[allow(clippy::float_cmp, reason = "metric math compares exactly")]
    fn compared(&mut self) -> Value {
        let value = self.sum();
        let Some(operator) = self.taken(&["==", "!=", "<", "<=", ">", ">="]) else { return value };
        let other = self.sum();
        pairwise(&value, &other, |a, b| {
            Some(truth(match operator.as_str() {
                "==" => a == b,
                "!=" => a != b,
                "<" => a < b,
                "<=" => a <= b,
                ">" => a > b,
                _ => a >= b,
            }))
        })
    }

    fn sum(&mut self) -> Value {
        let mut value = self.product();
        while let Some(operator) = self.taken(&["+", "-"]) {
            let other = self.product();
            value =
                pairwise(&value, &other, |a, b| Some(if operator == "+" { a + b } else { a - b }));
        }
        value
    }

    fn product(&mut self) -> Value {
        let mut value = self.single();
        while let Some(operator) = self.taken(&["*", "/"]) {
            let other = self.single();
            // what is divided by zero has no value
            value = pairwise(&value, &other, |a, b| match operator.as_str() {
                "*" => Some(a * b),
                _ => (b != 0.0).then(|| a / b),
            });
        }
        value
    }

    fn single(&mut self) -> Value {
        if self.taken(&["("]).is_some() {
            let value = self.either();
            self.expect(")");
            return value;
        }
        let token = self.tokens[self.at].clone();
        self.at += 1;
        if let Ok(number) = token.parse() {
            return Value::Number(number);
        }
        if self.taken(&["("]).is_none() {
            return Value::Series(self.window.series[&token].clone());
        }
        let mut arguments = vec![self.either()];
        while self.taken(&[","]).is_some() {
            arguments.push(self.either());
        }
        self.expect(")");
        self.function(&token, &arguments)
    }

    fn function(&self, name: &str, arguments: &[Value]) -> Value {
        match (name, arguments) {
            ("FILL", [Value::Series(series), Value::Number(filler)]) => {
                if series.is_empty() && !self.window.fills_empty {
                    return Value::Series(Series::new());
                }
                let value = |at: &i64| (*at, series.get(at).copied().unwrap_or(*filler));
                Value::Series(self.window.minutes.iter().map(value).collect())
            }
            ("IF", [condition, yes, no]) => {
                let chosen = |at: i64, condition: f64| match if condition == 0.0 { no } else { yes }
                {
                    Value::Number(number) => Some(*number),
                    Value::Series(series) => series.get(&at).copied(),
                };
                match condition {
                    Value::Number(condition) => {
                        if *condition == 0.0 {
                            no.clone()
                        } else {
                            yes.clone()
                        }
                    }
                    Value::Series(conditions) => {
                        let all = conditions.iter();
                        Value::Series(
                            all.filter_map(|(at, it)| Some((*at, chosen(*at, *it)?))).collect(),
                        )
                    }
                }
            }
            _ => panic!("unknown function {name} of {} arguments", arguments.len()),
        }
    }
}

fn truth(is: bool) -> f64 {
    if is { 1.0 } else { 0.0 }
}

/// Two series have a value where both have one.
fn pairwise(a: &Value, b: &Value, apply: impl Fn(f64, f64) -> Option<f64>) -> Value {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => Value::Number(apply(*a, *b).unwrap_or(f64::NAN)),
        (Value::Series(a), Value::Number(b)) => {
            Value::Series(a.iter().filter_map(|(at, a)| Some((*at, apply(*a, *b)?))).collect())
        }
        (Value::Number(a), Value::Series(b)) => {
            Value::Series(b.iter().filter_map(|(at, b)| Some((*at, apply(*a, *b)?))).collect())
        }
        (Value::Series(a), Value::Series(b)) => {
            let both = a.iter().filter_map(|(at, a)| Some((*at, apply(*a, *b.get(at)?)?)));
            Value::Series(both.collect())
        }
    }
}
