//! Completions, in the shells themselves.
#![cfg(unix)]

use std::path::Path;
use std::process::Command;

use super::{Home, Ran};

/// Runs a script in a shell that finds the program.
fn run(shell: &str, script: &str) -> String {
    let home = Home::new();
    let directory = Path::new(env!("CARGO_BIN_EXE_simpledb-export")).parent();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = directory
        .into_iter()
        .map(Path::to_owned)
        .chain(std::env::split_paths(&path));
    home.write("script", script);
    let mut command = Command::new(shell);
    command
        .arg("script")
        .env_clear()
        .env("PATH", std::env::join_paths(path).unwrap())
        .env("HOME", home.path())
        .env("LANG", "C.UTF-8")
        .env("TERM", "dumb")
        .current_dir(home.path());
    let output = command.output();
    let output = output.unwrap_or_else(|error| panic!("{shell} must be installed: {error}"));
    let ran = Ran::from(output);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    ran.stdout
}

#[test]
fn completes_in_bash() {
    let script = r#"
source <(simpledb-export completions bash)
function=$(complete -p simpledb-export | sed 's/.*-F \([^ ]*\).*/\1/')
t() {
    COMP_WORDS=(simpledb-export "$@")
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    COMPREPLY=()
    "$function" simpledb-export "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
    echo "${COMPREPLY[*]}"
}
t conv
t convert --forma
t convert --on-error ""
t whoami --prof
t wait export-succeeded --export
t start-domain-export --s3-k
"#;
    assert_eq!(
        run("bash", script),
        "convert\n--format\nfail skip replace\n--profile\n--export-arn\n--s3-key-prefix\n"
    );
}

#[test]
fn completes_in_fish() {
    let script = r"
simpledb-export completions fish | source
for line in 'conv' 'convert --forma' 'convert --on-error ' 'whoami --prof' 'wait export-succeeded --export'
    complete -C 'simpledb-export '$line | string replace -r '\t.*' ''
end
";
    assert_eq!(
        run("fish", script),
        "convert\n--format\nfail\nreplace\nskip\n--profile\n--export-arn\n"
    );
}

/// Completion needs a terminal: lines are typed into an interactive shell, in which the program
/// prints its arguments.
#[test]
fn completes_in_zsh() {
    let script = r#"
zmodload zsh/zpty
simpledb-export completions zsh > _simpledb-export
zpty shell zsh -f -i
zpty -w shell 'fpath=($PWD $fpath); autoload -Uz compinit; compinit -u -d $PWD/dump'
zpty -w shell 'simpledb-export() { print -r -- "<$*>" }'
zpty -w shell $'simpledb-export conv\tdir --format j\t'
zpty -w shell $'simpledb-export whoami --prof\tname'
zpty -w shell $'simpledb-export wait export-s\t--export-a\tarn'
zpty -w shell exit
while zpty -r shell line; do print -r -- "$line"; done
"#;
    let output = run("zsh", script);
    for line in [
        "<convert dir --format jsonl>",
        "<whoami --profile=name>",
        "<wait export-succeeded --export-arn=arn>",
    ] {
        assert!(output.contains(line), "{line}: {output}");
    }
}
