//! `setup.py`, read and not run: a module of imports, constants and one `setup()` of literals and `find_packages()`.
//! Anything else is for the build backend.

use super::{
    Found,
    literal::{self, Literal, Names},
    setup_args::{self, Argument},
};
use crate::{BuildError, Diagnostic, Place, SourceText};
use rustpython_ruff_python_ast::{Expr, ExprCall, Stmt};
use std::path::Path;

/// The project that the file makes by itself or together with setup.cfg, whose arguments come second.
pub(super) fn read(root: &Path, file: &SourceText, cfg: Vec<Argument>) -> Result<Found, BuildError> {
    let module = rustpython_ruff_python_parser::parse_module(file.text()).map_err(|e| {
        let span = e.location.start().to_usize()..e.location.end().to_usize();
        Diagnostic::new(format!("not valid Python: {}", e.error)).at(file.place(span))
    })?;
    let Some(arguments) = setup_arguments(&module.syntax().body) else {
        return Ok(Found::backend("setup.py is more than one setup() of literals"));
    };
    let argument = |(key, value): (String, Literal)| Argument {
        place: match &value {
            Literal::Text(_, span) => Some(file.place(span.clone())),
            _ => None,
        },
        key,
        value,
        fixed: false,
    };
    let own: Vec<Argument> = arguments.into_iter().map(argument).collect();
    let rest = cfg
        .into_iter()
        .filter(|a| !own.iter().any(|own| own.key == a.key))
        .collect::<Vec<_>>();
    let name = if own.is_empty() { "setup.cfg" } else { "setup.py" };
    setup_args::project(root, name, &[own, rest].concat())
}

/// Whether there is no setup.py, or one that only calls `setup()`.
pub(super) fn says_nothing(root: &Path) -> Result<bool, BuildError> {
    let Some(file) = super::read(root, "setup.py")? else {
        return Ok(true);
    };
    let Ok(module) = rustpython_ruff_python_parser::parse_module(file.text()) else {
        return Ok(false);
    };
    Ok(setup_arguments(&module.syntax().body).is_some_and(|arguments| arguments.is_empty()))
}

/// The version, where the one `setup()` of the module states it as a literal, whatever else the module does.
pub(super) fn version(file: &SourceText) -> Option<(String, Place)> {
    let module = rustpython_ruff_python_parser::parse_module(file.text()).ok()?;
    let calls = module
        .syntax()
        .body
        .iter()
        .filter_map(|statement| match statement {
            Stmt::Expr(expression) => expression.value.as_call_expr(),
            _ => None,
        });
    let mut setups = calls.filter(|call| literal::function_name(&call.func) == Some("setup"));
    let setup = setups.next().filter(|_| setups.next().is_none())?;
    let is_version =
        |k: &&rustpython_ruff_python_ast::Keyword| k.arg.as_ref().is_some_and(|name| name == "version");
    let keyword = setup.arguments.keywords.iter().find(is_version)?;
    match literal::read(&keyword.value, &Names::new())? {
        Literal::Text(text, span) => Some((text, file.place(span))),
        _ => None,
    }
}

/// The keyword arguments of the one `setup()`, if the module is nothing but that.
fn setup_arguments(body: &[Stmt]) -> Option<Vec<(String, Literal)>> {
    let mut names = Names::new();
    let mut arguments = None;
    for statement in body {
        match statement {
            // `if __name__ == "__main__":` holds when setuptools runs the file.
            Stmt::If(branch)
                if is_main(&branch.test) && branch.elif_else_clauses.is_empty() && arguments.is_none() =>
            {
                arguments = Some(setup_arguments(&branch.body)?);
            }
            Stmt::Import(import) if import.names.iter().all(|n| is_harmless(n.name.as_str())) => {}
            Stmt::ImportFrom(import)
                if import.level == 0 && import.module.as_ref().is_some_and(|m| is_harmless(m.as_str())) => {}
            Stmt::Assign(assign) => {
                let [Expr::Name(name)] = &assign.targets[..] else {
                    return None;
                };
                names.insert(name.id.to_string(), literal::read(&assign.value, &names)?);
            }
            Stmt::Expr(expression) => match &*expression.value {
                Expr::StringLiteral(_) => {}
                Expr::Call(call) if arguments.is_none() => arguments = Some(keywords(call, &names)?),
                _ => return None,
            },
            _ => return None,
        }
    }
    arguments
}

fn is_main(test: &Expr) -> bool {
    matches!(test, Expr::Compare(compare)
        if matches!(&*compare.left, Expr::Name(name) if name.id.as_str() == "__name__")
            && matches!(&compare.comparators[..], [Expr::StringLiteral(s)] if s.value.to_str() == "__main__"))
}

/// Importing a module of the standard library or of setuptools changes nothing; another may do anything.
fn is_harmless(module: &str) -> bool {
    const MODULES: [&str; 15] = [
        "setuptools",
        "distutils",
        "os",
        "sys",
        "io",
        "re",
        "codecs",
        "pathlib",
        "platform",
        "typing",
        "__future__",
        "glob",
        "ast",
        "textwrap",
        "datetime",
    ];
    MODULES.contains(&module.split('.').next().unwrap_or(module))
}

fn keywords(call: &ExprCall, names: &Names) -> Option<Vec<(String, Literal)>> {
    if literal::function_name(&call.func) != Some("setup") || !call.arguments.args.is_empty() {
        return None;
    }
    let keyword = |k: &rustpython_ruff_python_ast::Keyword| {
        Some((k.arg.as_ref()?.to_string(), literal::read(&k.value, names)?))
    };
    call.arguments.keywords.iter().map(keyword).collect()
}
