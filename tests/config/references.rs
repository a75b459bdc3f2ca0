use pluginkit::config::{InvalidReference, PluginRef, ProblemKind};

use crate::refused;

fn reason(text: &str) -> String {
    let error: InvalidReference = text.parse::<PluginRef>().unwrap_err();
    assert_eq!(error.text(), text);
    error.reason().to_owned()
}

#[test]
fn an_id_is_made_of_letters_digits_and_marks() {
    for id in ["auth", "rate-limiter", "app.module", "_x", "2fa", "größe"] {
        let reference: PluginRef = id.parse().unwrap();
        assert!(!reference.is_path());
        assert_eq!((reference.as_str(), reference.crate_name(), reference.type_name()), (id, None, None));
    }
}

#[test]
fn a_path_has_a_crate_modules_and_a_type() {
    let reference: PluginRef = "myapp::web::middleware::r#Type".parse().unwrap();
    assert!(reference.is_path());
    assert_eq!(reference.crate_name(), Some("myapp"));
    assert_eq!(reference.module(), Some("web::middleware"));
    assert_eq!(reference.type_name(), Some("r#Type"));
    let short: PluginRef = "myapp::Cors".parse().unwrap();
    assert_eq!((short.crate_name(), short.module(), short.type_name()), (Some("myapp"), None, Some("Cors")));
}

#[test]
fn an_invalid_reference_is_refused_with_the_right_form() {
    for (text, told) in [
        ("", "it is empty"),
        ("  ", "it is empty"),
        (" auth", "write \"auth\""),
        ("my plugin", "' ' cannot be in an id"),
        ("a:b", "write \"a::b\""),
        ("-x", "begins with a letter"),
        ("::a::B", "write \"a::B\""),
        ("a::", "a segment of the path is empty"),
        ("a::::B", "a segment of the path is empty"),
        ("a::B<C>", "by the id of its plugin"),
        ("crate::B", "write the crate's name"),
        ("self::B", "write the crate's name"),
        ("my-app::B", "write `my_app`"),
        ("a::b-c::D", "\"b-c\" is no Rust identifier"),
        ("a::1B", "\"1B\" is no Rust identifier"),
        ("a\n", "write \"a\""),
    ] {
        let reason = reason(text);
        assert!(reason.contains(told), "{text:?}: {reason}");
    }
}

#[test]
fn every_bad_reference_of_a_document_is_told_with_group_and_place() {
    let error = refused(
        "[plugins]\na = ['ok', 'crate::X', '']\nb = [{ id = 'x y' }]\ndisabled = ['a:b']\n[plugin.x]\n",
    );
    let found: Vec<_> = error
        .problems()
        .iter()
        .map(|problem| {
            let column = problem.location().unwrap().column().unwrap();
            (problem.kind(), problem.group(), problem.key(), column)
        })
        .collect();
    let kind = ProblemKind::InvalidReference;
    assert_eq!(
        found,
        [
            (kind, Some("a"), Some("a[1]"), 12),
            (kind, Some("a"), Some("a[2]"), 24),
            (kind, Some("b"), Some("b[0].id"), 13),
            (kind, None, Some("plugins.disabled"), 13),
        ]
    );
}
