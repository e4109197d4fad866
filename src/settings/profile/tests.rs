mod conformance;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;

fn paths() -> ProfilePaths {
    ProfilePaths {
        config: "/c/config".into(),
        credentials: "/c/credentials".into(),
    }
}

fn parse(config: &str, credentials: &str) -> Result<Profiles, ConfigError> {
    Profiles::parse(paths(), config.as_bytes(), credentials.as_bytes())
}

fn config(text: &str) -> Profiles {
    parse(text, "").unwrap()
}

fn get<'a>(profiles: &'a Profiles, profile: &'a str, key: &str) -> Option<&'a str> {
    value(profiles.find(Kind::Profile, profile)?, key)
}

fn value<'a>(section: Section<'a>, key: &str) -> Option<&'a str> {
    Some(&section.property(key)?.value)
}

fn config_error(text: &str) -> String {
    parse(text, "").unwrap_err().to_string()
}

#[test]
fn names_file_line_and_what_is_expected_in_errors() {
    for (text, error) in [
        (
            "region = x",
            "line 1: expected a section such as [default] or [profile NAME] before the first \
             property",
        ),
        (
            "\n[default",
            "line 2: expected a \"]\" at the end of the section's name",
        ),
        (
            "[default] region = x",
            "line 1: expected nothing but a comment after the \"]\"",
        ),
        (
            "[default]\r\n\r\nsecret stuff\r\n",
            "line 3: expected \"key = value\", but there is no \"=\"",
        ),
        (
            "[default]\n= x",
            "line 2: expected \"key = value\", but there is nothing before the \"=\"",
        ),
        (
            "[default]\ns3 =\n  x",
            "line 3: expected a sub-property \"name = value\", but there is no \"=\"",
        ),
        (
            "[default]\ns3 =\n  = x",
            "line 3: expected a sub-property \"name = value\", but there is nothing before the \
             \"=\"",
        ),
    ] {
        assert_eq!(config_error(text), format!("/c/config, {error}"));
    }
}

#[test]
fn rejects_bytes_that_are_not_utf_8_with_their_line() {
    let credentials = b"[default]\naws_access_key_id = a\xff\n";
    assert_eq!(
        Profiles::parse(paths(), b"", credentials)
            .unwrap_err()
            .to_string(),
        "/c/credentials, line 2: not valid UTF-8 (save the file as UTF-8)"
    );
}

#[test]
fn skips_a_byte_order_mark() {
    let profiles = config("\u{feff}[default]\nregion = eu-west-1");
    assert_eq!(get(&profiles, "default", "region"), Some("eu-west-1"));
}

#[test]
fn allows_indented_properties_as_the_aws_cli_does() {
    let profiles =
        config("[profile a]\n  region = r\n  output = json\n    more\n [profile b]\n\tregion = s");
    assert_eq!(get(&profiles, "a", "region"), Some("r"));
    assert_eq!(get(&profiles, "a", "output"), Some("json\nmore"));
    assert_eq!(get(&profiles, "b", "region"), Some("s"));
}

#[test]
fn skips_indented_comments_in_a_value() {
    let profiles =
        config("[services s]\nsimpledbv2 =\n  # local\n  endpoint_url = http://h ; it\n");
    let service = profiles
        .find(Kind::Services, "s")
        .unwrap()
        .property("simpledbv2");
    let service = service.unwrap();
    assert_eq!(service.sub_property("endpoint_url"), Some("http://h"));
    assert_eq!(service.sub_property("ENDPOINT_URL"), Some("http://h"));
    assert_eq!(service.sub_property("endpoint"), None);
}

#[test]
fn finds_no_sub_properties_in_a_value_on_the_line_of_its_key() {
    let profiles = config("[default]\nx = a = b\n c = d");
    let property = profiles
        .find(Kind::Profile, "default")
        .unwrap()
        .property("X")
        .unwrap();
    assert_eq!(*property.value, "a = b\nc = d");
    assert_eq!(property.sub_property("c"), None);
}

#[test]
fn keeps_kinds_of_sections_apart() {
    let profiles = config(
        "[profile x]\na = 1\n[sso-session x]\na = 2\n[services x]\na = 3\n[plugins]\na = 4\n\
         [other x]\na = 5\n[profile]\na = 6",
    );
    assert_eq!(get(&profiles, "x", "a"), Some("1"));
    for (kind, expected) in [(Kind::SsoSession, "2"), (Kind::Services, "3")] {
        assert_eq!(
            value(profiles.find(kind, "x").unwrap(), "a"),
            Some(expected)
        );
    }
    let headers = profiles.sections.iter().map(|section| &section.header);
    let is_read = |header: &&Header| !matches!(header, Header::Misnamed { .. });
    assert_eq!(headers.filter(is_read).count(), 3);
}

#[test]
fn reads_quoted_names_by_the_rules_of_a_shell() {
    let profiles = config(
        "[profile \"my team\"]\na = 1\n[profile 'b']\na = 2\n[profile \"]\na = 3\n\
         [profile 'Someone'\"'\"'s Mac']\na = 4\n[profile \"a \\\" b\"]\na = 5\n[profile a\\ c]\na = 6",
    );
    for (name, value) in [
        ("my team", "1"),
        ("b", "2"),
        ("Someone's Mac", "4"),
        ("a \" b", "5"),
        ("a c", "6"),
    ] {
        assert_eq!(get(&profiles, name, "a"), Some(value), "{name}");
    }
    let headers = profiles.sections.iter().map(|section| &section.header);
    let is_profile = |header: &&Header| matches!(header, Header::Named(Kind::Profile, _));
    assert_eq!(headers.filter(is_profile).count(), 5);
}

#[test]
fn reads_names_of_any_characters_as_the_aws_cli_does() {
    let profiles = parse(
        "[profile José]\na = 1\n[profile 'Foo Bar']\na = 2",
        "[José]\nb = 3\n[Foo Bar]\nb = 4\n[acme (prod)]\nb = 5\n[acme [dev]] # [x]\nb = 7\n[Someone's Mac]\nb = 6",
    )
    .unwrap();
    let values = |name| (get(&profiles, name, "a"), get(&profiles, name, "b"));
    assert_eq!(values("José"), (Some("1"), Some("3")));
    assert_eq!(values("Foo Bar"), (Some("2"), Some("4")));
    assert_eq!(values("acme (prod)"), (None, Some("5")));
    assert_eq!(values("acme [dev]"), (None, Some("7")));
    assert_eq!(values("Someone's Mac"), (None, Some("6")));
}

#[test]
fn explains_a_section_that_looks_like_that_of_a_profile() {
    let profiles = parse(
        "[dev]\n[profile my team]\n[profile Someone's Mac]\n[Default]",
        "\n[profile ops]\n[profile my ops]",
    )
    .unwrap();
    for (name, reason) in [
        (
            "dev",
            "[dev] (/c/config, line 1) is ignored: expected [profile dev]",
        ),
        (
            "my team",
            "[profile my team] (/c/config, line 2) is ignored: expected [profile 'my team']",
        ),
        (
            "Someone's Mac",
            "[profile Someone's Mac] (/c/config, line 3) is ignored: expected [profile \
             'Someone'\"'\"'s Mac']",
        ),
        (
            "ops",
            "[profile ops] (/c/credentials, line 2) is ignored: expected [ops]",
        ),
        (
            "my ops",
            "[profile my ops] (/c/credentials, line 3) is ignored: expected [my ops]",
        ),
    ] {
        assert_eq!(profiles.misnamed(name).as_deref(), Some(reason));
        assert!(profiles.find(Kind::Profile, name).is_none());
    }
    assert_eq!(profiles.misnamed("other"), None);
}

#[test]
fn parses_a_profile_with_hundreds_of_thousands_of_keys() {
    let lines = (0..300_000).map(|n| format!("key{n:06} = {n}\n"));
    let text: String = ["[default]\n".to_owned()]
        .into_iter()
        .chain(lines)
        .collect();
    let profiles = config(&text);
    assert_eq!(profiles.sections[0].properties.len(), 300_000);
    assert_eq!(get(&profiles, "default", "key000007"), Some("7"));
}

#[test]
fn prefers_the_credentials_file_and_keeps_the_place_of_each_value() {
    let profiles = parse(
        "[profile a]\nregion = r\n\nkey = old",
        "# mine\n[a]\nKey = new",
    )
    .unwrap();
    let section = profiles.find(Kind::Profile, "a").unwrap();
    let place = |key: &str| {
        let property = section.property(key).unwrap();
        (property.value.as_str(), &*property.path, property.line)
    };
    assert_eq!(place("region"), ("r", Path::new("/c/config"), 2));
    assert_eq!(place("KEY"), ("new", Path::new("/c/credentials"), 3));
}

#[test]
fn ignores_plain_default_beside_the_other_form() {
    let both = parse(
        "[default]\na = 1\n[profile default]\nb = 2",
        "[default]\nc = 3",
    );
    let both = both.unwrap();
    let values = ["a", "b", "c"].map(|key| get(&both, "default", key));
    assert_eq!(values, [None, Some("2"), Some("3")]);
}

#[test]
fn shows_no_value_in_debug() {
    let profiles = parse("", "[a]\naws_secret_access_key = hidden").unwrap();
    let section = profiles.find(Kind::Profile, "a").unwrap();
    let property = section.property("aws_secret_access_key").unwrap();
    let printed = format!("{profiles:?} {property:?}");
    assert!(printed.contains("aws_secret_access_key"), "{printed}");
    assert!(!printed.contains("hidden"), "{printed}");
}

/// Text made of what the grammar cares about.
fn any_text() -> impl Strategy<Value = String> {
    let piece = select(&[
        "[",
        "]",
        "profile",
        "default",
        "services",
        "=",
        " ",
        "\t",
        "\n",
        "\r\n",
        "#",
        ";",
        "\"",
        "name",
        "é",
        "value",
        "[default]\n",
        "\n[profile x]\n",
        "\nkey = ",
    ]);
    vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn reads_any_text_or_rejects_it_with_its_line(text in any_text()) {
        match parse(&text, "") {
            Ok(profiles) => {
                for property in profiles.sections.iter().flat_map(|section| &section.properties) {
                    let key = &property.key;
                    prop_assert!(!key.is_empty() && *key == key.to_ascii_lowercase());
                    prop_assert!((1..=text.lines().count()).contains(&property.line));
                    prop_assert!(text.contains(property.value.lines().next().unwrap_or("")));
                }
            }
            Err(error) => {
                let error = error.to_string();
                let line = error.strip_prefix("/c/config, line ");
                let (line, expected) = line.unwrap().split_once(": ").unwrap();
                let line: usize = line.parse().unwrap();
                prop_assert!((1..=text.lines().count()).contains(&line));
                prop_assert!(expected.starts_with("expected "), "{}", error);
            }
        }
    }

    #[test]
    fn reads_any_bytes_or_rejects_them(content in vec(any::<u8>(), 0..200)) {
        if let Err(error) = Profiles::parse(paths(), &content, &content) {
            prop_assert!(!error.to_string().contains(char::is_control));
        }
    }
}
