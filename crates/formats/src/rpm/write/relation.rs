//! Dependencies, from packyard's type to the crate's.

use super::{Dependency, PackageBuilder, RpmDependency, RpmFlags, RpmSpec};

/// Adds all of a package's dependencies.
pub(super) fn add(spec: &RpmSpec, builder: &mut PackageBuilder) {
    for relation in &spec.requires {
        if relation.pre {
            scriptlet(relation, builder);
        } else {
            builder.requires(plain(relation));
        }
    }
    for relation in &spec.recommends {
        builder.recommends(plain(relation));
    }
    for relation in &spec.conflicts {
        builder.conflicts(plain(relation));
    }
    for relation in &spec.provides {
        builder.provides(plain(relation));
    }
    for relation in &spec.obsoletes {
        builder.obsoletes(plain(relation));
    }
}

/// `Requires(pre)`, `Requires(post)`, `Requires(preun)` and `Requires(postun)` at once.
fn scriptlet(relation: &RpmDependency, builder: &mut PackageBuilder) {
    let name = &relation.name;
    builder.requires(Dependency::script_pre(name));
    builder.requires(Dependency::script_post(name));
    builder.requires(Dependency::script_preun(name));
    builder.requires(Dependency::script_postun(name));
}

fn plain(relation: &RpmDependency) -> Dependency {
    let (name, version) = (relation.name.clone(), relation.version.clone());
    match relation.flags {
        None => Dependency::any(name),
        Some(RpmFlags::Equal) => Dependency::eq(name, version),
        Some(RpmFlags::Less) => Dependency::less(name, version),
        Some(RpmFlags::Greater) => Dependency::greater(name, version),
        Some(RpmFlags::LessOrEqual) => Dependency::less_eq(name, version),
        Some(RpmFlags::GreaterOrEqual) => Dependency::greater_eq(name, version),
    }
}
