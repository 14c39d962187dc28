//! The programs in `/usr/bin` that call a console script's function.

/// The system's own Python.
pub(crate) const PYTHON: &str = "/usr/bin/python3";

/// The text of a launcher for `target`, `package.module:function` (entry points specification), run by `interpreter`. With `private`, the
/// directory that its modules are in: it takes the place of `/usr/bin` at the head of the search path, and nothing is
/// written into it.
pub(crate) fn launcher(target: &str, interpreter: &str, private: Option<&str>) -> Option<String> {
    let (module, object) = target.split_once(':')?;
    let object = object.split('[').next()?.trim();
    let module = module.trim();
    let import = object.split('.').next()?;
    let path = match private {
        Some(directory) => format!("sys.dont_write_bytecode = True\nsys.path[0] = \"{directory}\"\n\n"),
        None => "\n".to_owned(),
    };
    Some(format!(
        "#!{interpreter}\nimport sys\n\n{}from {module} import {import}\n\nif __name__ == \"__main__\":\n    sys.exit({object}())\n",
        path.trim_start_matches('\n'),
    ))
}

/// The text of a launcher in a bundle, where `interpreter` knows where the modules are.
pub(crate) fn bundled(target: &str, interpreter: &str) -> Option<String> {
    launcher(target, interpreter, None)
}

#[cfg(test)]
mod tests {
    use super::{PYTHON, launcher};

    #[test]
    fn a_private_launcher_names_its_directory() {
        let text = launcher("hello_world.main:main", PYTHON, Some("/usr/lib/hello-world")).unwrap();
        assert_eq!(
            text,
            "#!/usr/bin/python3\nimport sys\n\nsys.dont_write_bytecode = True\nsys.path[0] = \"/usr/lib/hello-world\"\n\n\
             from hello_world.main import main\n\nif __name__ == \"__main__\":\n    sys.exit(main())\n"
        );
        assert!(
            launcher("a:b.c [x]", PYTHON, None)
                .unwrap()
                .contains("from a import b\n")
                && launcher("a", PYTHON, None).is_none()
        );
    }
}
