//! The table: a row for each measurement, a column for each program, and ratios.

use std::fmt::Write as _;

use crate::program::PROGRAMS;

/// Ratios of one program's figure to another's, by program name.
const RATIOS: [(&str, &str, &str); 5] = [
    ("÷ official", "ours", "official"),
    ("÷ leanest", "ours", "official-lean"),
    ("÷ tuned", "ours", "thin-tuned"),
    ("÷ floor", "ours", "floor"),
    ("no TLS ÷ TLS", "ours-no-tls", "ours"),
];

/// A measurement of each program, `None` if it was not made.
pub struct Row {
    pub title: String,
    pub decimals: usize,
    pub values: [Option<f64>; PROGRAMS.len()],
}

impl Row {
    fn value(&self, program: &str) -> Option<f64> {
        let at = PROGRAMS.iter().position(|other| other.name == program)?;
        self.values[at]
    }

    fn ratio(&self, (_, ours, theirs): (&str, &str, &str)) -> Option<f64> {
        Some(self.value(ours)? / self.value(theirs)?).filter(|ratio| ratio.is_finite())
    }
}

/// Formats the rows that have any value as Markdown.
pub fn markdown(rows: &[Row]) -> String {
    let titles = PROGRAMS.iter().map(|program| program.title);
    let titles: Vec<&str> = titles.chain(RATIOS.map(|(title, ..)| title)).collect();
    let mut text = format!("| | {} |\n", titles.join(" | "));
    let _ = writeln!(text, "|---|{}", "--:|".repeat(titles.len()));
    for row in rows
        .iter()
        .filter(|row| row.values.iter().any(Option::is_some))
    {
        let _ = write!(text, "| {} |", row.title);
        let values = row.values.map(|value| (value, row.decimals));
        let ratios = RATIOS.map(|ratio| {
            let ratio = row.ratio(ratio);
            (ratio, if ratio < Some(0.1) { 4 } else { 2 })
        });
        for (value, decimals) in values.into_iter().chain(ratios) {
            let value = value.map_or("–".to_owned(), |value| number(value, decimals));
            let _ = write!(text, " {value} |");
        }
        text.push('\n');
    }
    text
}

/// Formats a number with commas for thousands.
pub fn number(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let (whole, fraction) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut grouped = String::new();
    for (at, digit) in whole.char_indices() {
        if at > 0 && (whole.len() - at) % 3 == 0 && !whole[..at].ends_with('-') {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        let cases = [
            (7.0, 0),
            (1234.0, 0),
            (1_234_567.89, 1),
            (123.456, 2),
            (-1234.0, 0),
        ];
        let texts = cases.map(|(value, decimals)| number(value, decimals));
        assert_eq!(texts, ["7", "1,234", "1,234,567.9", "123.46", "-1,234"]);
    }

    #[test]
    fn a_row_has_a_cell_for_each_program_and_ratio() {
        let row = |values| Row {
            title: "size".to_owned(),
            decimals: 0,
            values,
        };
        let [one, two, four] = [Some(1000.0), Some(2000.0), Some(40_000.0)];
        let rows = [row([one, None, two, two, None, four, two]), row([None; 7])];
        let text = markdown(&rows);
        assert_eq!(text.lines().count(), 3, "a row without values is left out");
        assert!(
            text.ends_with(
                "| size | 1,000 | – | 2,000 | 2,000 | – | 40,000 | 2,000 | 0.50 | 0.50 | 0.0250 | 0.50 | – |\n"
            ),
            "{text}"
        );
    }
}
