//! The wheel of a project that is not Python: its programs, so that pip and uv install them (binary distribution format
//! specification, `.data/scripts`). Which machines it is for is read off the programs, not said.

mod platform;

use super::{
    elf::Binaries,
    payload::{self, Payload, Shape},
    python::planned,
};
use crate::{
    BuildError, Diagnostic, Place, files,
    manifest::Layout,
    metadata::{self, Metadata},
    plan::{Planned, Recipe},
    project::Project,
    python::{Files, dist_info_name, launcher},
};
use packyard_formats::{
    content::SourceFile,
    elf::Elf,
    entries::{Entries, EntryKind},
    wheel::write::WheelSpec,
};
use packyard_types::{CoreMetadata, InstallPath};

/// A Python project's programs are its console scripts.
pub(super) fn check(project: &Project) -> Result<(), BuildError> {
    let programs = &project.manifest.programs;
    match programs.first() {
        Some((_, place)) if project.python.is_some() => {
            let message = format!(
                "`programs` is for projects that are not Python, and `{}` is one",
                project.name
            );
            Err(Diagnostic::new(message)
                .at(place.clone())
                .hint("remove it: the wheel of a Python project has its console scripts")
                .into())
        }
        _ => Ok(()),
    }
}

/// The wheel of all that [python] `programs` names.
pub(super) fn wheel(project: &Project, notes: &mut Vec<String>) -> Result<Planned, BuildError> {
    let installed = installed(project)?;
    let mut found = Vec::new();
    for (name, place) in &project.manifest.programs {
        found.push(program(&installed.entries, name, place)?);
    }
    let binaries = Binaries::of(&installed.entries, |path| installed.place_of(path))?;
    let problems: Vec<_> = found
        .iter()
        .filter_map(|program| lack(program, &binaries))
        .collect();
    if !problems.is_empty() {
        return Err(BuildError::Project(problems));
    }
    let tags = platform::platforms(&found, notes)?;
    let stem = format!("{}-{}", project.name.in_filenames(), project.version);
    let dist_info = dist_info_name(&project.name, &project.version);
    let mut files = dist_info_files(project, &dist_info, &tags)?;
    files.extend(module(project));
    for program in found {
        files.insert(format!("{stem}.data/scripts/{}", program.name), program.file);
    }
    let spec = WheelSpec {
        dist_info,
        files,
        mtime: project.date,
    };
    planned(
        &format!("{stem}-py3-none-{}.whl", tags.join(".")),
        Recipe::Wheel(spec),
    )
}

/// What a package of the project installs.
fn installed(project: &Project) -> Result<Payload, BuildError> {
    let shape = Shape {
        package: project.name.as_str(),
        is_deb: true,
        layout: Layout::Module,
        site: String::new(),
        interpreter: launcher::PYTHON.to_owned(),
        known: None,
        bundle: None,
    };
    payload::payload(project, &shape)
}

/// A program that goes into the wheel.
struct Program<'a> {
    name: &'a str,
    place: &'a Place,
    file: SourceFile,
    /// None of a script.
    elf: Option<Elf>,
}

fn program<'a>(entries: &Entries, name: &'a str, place: &'a Place) -> Result<Program<'a>, BuildError> {
    let path = InstallPath::parse(&format!("/usr/bin/{name}")).ok();
    let content = path
        .and_then(|path| entries.get(&path))
        .and_then(|entry| match &entry.kind {
            EntryKind::File(content) => Some(content.clone()),
            _ => None,
        });
    let Some(content) = content else {
        let problem = Diagnostic::new(format!("there is no program `/usr/bin/{name}` in the package"));
        let hint = format!("add a [[file]] with `target = \"/usr/bin/{name}\"`, or remove the name here");
        return Err(problem.at(place.clone()).hint(hint).into());
    };
    let elf = Elf::read(&content).map_err(|e| {
        let problem = Diagnostic::new(format!("`/usr/bin/{name}` cannot be understood: {e}"));
        problem
            .at(place.clone())
            .hint("it begins as a program for a machine (ELF) does; build it again")
    })?;
    Ok(Program {
        name,
        place,
        file: SourceFile {
            content,
            executable: true,
        },
        elf,
    })
}

/// What is wrong with a program that needs a library of the same project: a wheel has programs only, and no other package
/// has that library.
fn lack(program: &Program<'_>, binaries: &Binaries) -> Option<Diagnostic> {
    let needed = program.elf.iter().flat_map(|elf| &elf.needed);
    let own: Vec<_> = needed
        .filter(|library| binaries.bring(library))
        .map(|library| format!("`{library}`"))
        .collect();
    let message = format!(
        "`{}` needs {}, which the package installs and a wheel of programs cannot",
        program.name,
        own.join(" and ")
    );
    let hint = "link it statically for the wheel, or remove the name here";
    (!own.is_empty()).then(|| Diagnostic::new(message).at(program.place.clone()).hint(hint))
}

fn dist_info_files(project: &Project, directory: &str, tags: &[String]) -> Result<Files, BuildError> {
    let core = &project.metadata.core;
    let (readme, description, content_type) = long_description(project)?;
    let metadata = Metadata {
        core: CoreMetadata {
            metadata_version: String::new(),
            home_page: None,
            project_urls: payload::homepage(project)
                .into_iter()
                .map(|url| ("Homepage".to_owned(), url))
                .collect(),
            maintainer_email: project
                .maintainer
                .as_ref()
                .map(|who| metadata::mailbox_of(&who.name, &who.email)),
            license_files: metadata::default_license_files(&project.root)?,
            description_content_type: content_type,
            description,
            requires_python: None,
            ..core.clone()
        },
        readme,
        ..project.metadata.clone()
    };
    let mut files = Files::new();
    for file in &metadata.core.license_files {
        let text = files::read_file(&project.root, file)?.content;
        let license = SourceFile {
            content: text,
            executable: false,
        };
        files.insert(format!("{directory}/licenses/{file}"), license);
    }
    let is_pure = tags.iter().all(|tag| tag == "any");
    let tags: String = tags.iter().map(|tag| format!("Tag: py3-none-{tag}\n")).collect();
    let wheel = format!("Wheel-Version: 1.0\nGenerator: packyard\nRoot-Is-Purelib: {is_pure}\n{tags}");
    for (name, text) in [("METADATA", metadata::render(&metadata)), ("WHEEL", wheel)] {
        files.insert(format!("{directory}/{name}"), text_file(text));
    }
    Ok(files)
}

/// The readme's name, text and content type.
type LongDescription = (Option<String>, Option<String>, Option<String>);

fn long_description(project: &Project) -> Result<LongDescription, BuildError> {
    let Some(name) = metadata::default_readme(&project.root)? else {
        let said = project.manifest.package.description.clone();
        let kind = said.as_ref().map(|_| "text/plain".to_owned());
        return Ok((None, said, kind));
    };
    let content = files::read_file(&project.root, &name)?.content;
    let bytes = files::read_whole(&content, &name)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let kind = metadata::content_type(&name).unwrap_or_else(|| "text/plain".to_owned());
    Ok((Some(name), Some(text), Some(kind)))
}

/// A module of the project's name, so that `python -m NAME` finds the first of its programs: that is how the programs of
/// one environment among several are called.
fn module(project: &Project) -> Files {
    let module = project.name.in_filenames();
    let Some((program, _)) = project.manifest.programs.first() else {
        return Files::new();
    };
    let init = format!(
        "\"\"\"The programs of {}; `python -m {module}` runs one.\"\"\"\n",
        project.name
    );
    let main = format!(
        "import os\nimport sys\nimport sysconfig\n\nHERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))\n\
         # The environment's own place, the user's, and that of `pip install --target`.\n\
         PLACES = [sysconfig.get_path(\"scripts\"), sysconfig.get_path(\"scripts\", os.name + \"_user\"), \
         os.path.join(HERE, \"bin\")]\n\n\
         for place in PLACES:\n    program = os.path.join(place, \"{program}\")\n    if os.path.isfile(program):\n        \
         os.execv(program, [program, *sys.argv[1:]])\nsys.exit(\"{program} is in none of \" + \", \".join(PLACES))\n"
    );
    [("__init__.py", init), ("__main__.py", main)]
        .map(|(name, text)| (format!("{module}/{name}"), text_file(text)))
        .into()
}

fn text_file(text: String) -> SourceFile {
    SourceFile {
        content: text.into_bytes().into(),
        executable: false,
    }
}
