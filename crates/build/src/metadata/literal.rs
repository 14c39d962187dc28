//! Python literals, read from the syntax tree.

use rustpython_ruff_python_ast::{Expr, Number};
use std::{collections::BTreeMap, ops::Range};

/// A value that is written out in the source.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Literal {
    Text(String, Range<usize>),
    Flag(bool),
    Nothing,
    List(Vec<Literal>),
    Map(Vec<(String, Literal)>),
    /// `find_packages(…)` with its arguments by name; positional ones are `where`, `exclude`, `include`.
    FindPackages {
        namespaces: bool,
        arguments: BTreeMap<String, Literal>,
    },
}

impl Literal {
    /// The text of a string.
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Text(text, _) => Some(text.clone()),
            _ => None,
        }
    }

    /// A list of strings; a single string is a list of one.
    pub fn texts(&self) -> Option<Vec<String>> {
        match self {
            Self::Text(text, _) => Some(vec![text.clone()]),
            Self::List(items) => items.iter().map(Literal::text).collect(),
            _ => None,
        }
    }

    /// A dictionary.
    pub fn map(&self) -> Option<&[(String, Literal)]> {
        match self {
            Self::Map(pairs) => Some(pairs),
            _ => None,
        }
    }
}

pub(super) type Names = BTreeMap<String, Literal>;

/// The value of an expression of literals, names bound to literals, and `find_packages`; none for anything else.
pub(super) fn read(expression: &Expr, names: &Names) -> Option<Literal> {
    let all = |items: &[Expr]| {
        items
            .iter()
            .map(|item| read(item, names))
            .collect::<Option<Vec<_>>>()
    };
    match expression {
        Expr::StringLiteral(s) => {
            let span = s.range.start().to_usize()..s.range.end().to_usize();
            Some(Literal::Text(s.value.to_str().to_owned(), span))
        }
        Expr::BooleanLiteral(b) => Some(Literal::Flag(b.value)),
        Expr::NoneLiteral(_) => Some(Literal::Nothing),
        Expr::NumberLiteral(n) => match &n.value {
            Number::Int(n) => Some(Literal::Flag(n.as_u64() != Some(0))),
            _ => None,
        },
        Expr::List(list) => all(&list.elts).map(Literal::List),
        Expr::Tuple(tuple) => all(&tuple.elts).map(Literal::List),
        Expr::Dict(dict) => {
            let pair = |item: &rustpython_ruff_python_ast::DictItem| {
                Some((
                    read(item.key.as_ref()?, names)?.text()?,
                    read(&item.value, names)?,
                ))
            };
            dict.items
                .iter()
                .map(pair)
                .collect::<Option<Vec<_>>>()
                .map(Literal::Map)
        }
        Expr::Name(name) => names.get(name.id.as_str()).cloned(),
        Expr::Call(call) => {
            let function = function_name(&call.func)?;
            let namespaces = function == "find_namespace_packages";
            if !namespaces && function != "find_packages" {
                return None;
            }
            let mut arguments = BTreeMap::new();
            for (name, value) in ["where", "exclude", "include"].iter().zip(&call.arguments.args) {
                arguments.insert((*name).to_owned(), read(value, names)?);
            }
            for keyword in &call.arguments.keywords {
                arguments.insert(keyword.arg.as_ref()?.to_string(), read(&keyword.value, names)?);
            }
            Some(Literal::FindPackages {
                namespaces,
                arguments,
            })
        }
        _ => None,
    }
}

/// `setup`, also as `setuptools.setup`.
pub(super) fn function_name(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Name(name) => Some(name.id.as_str()),
        Expr::Attribute(attribute) => match &*attribute.value {
            Expr::Name(module) if module.id.as_str() == "setuptools" => Some(attribute.attr.as_str()),
            _ => None,
        },
        _ => None,
    }
}
