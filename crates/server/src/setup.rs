//! How a client is set up: the lines that `up` prints, that pages show, and that the set-up files hold (INTERFACE.md).

use crate::{extract::Channel, setup_script::SetupScript};
use packyard_repo::{RepoError, Yard};
use packyard_types::{ChannelName, ComponentName, DistributionName, Family, KeyUse};
use std::collections::BTreeSet;

/// The install lines of a channel, for a server at a URL.
#[derive(Debug, Clone)]
pub struct InstallLines {
    /// The URL of the channel's root, without a slash at its end.
    root: String,
    channel: ChannelName,
}

impl InstallLines {
    /// For a channel of the server at `base`, a URL without a slash at its end.
    pub fn new(base: &str, channel: &ChannelName) -> Self {
        Self::at(&format!("{}/{channel}", base.trim_end_matches('/')), channel)
    }

    /// For the channel of a request, as its URL spells it: whoever asks as of a revision is set up for that revision.
    pub fn of(base: &str, channel: &Channel) -> Self {
        Self::at(&format!("{base}/{}", channel.segment), &channel.at.channel)
    }

    /// For a channel that is served at `root`: a static tree may lie anywhere.
    pub fn at(root: &str, channel: &ChannelName) -> Self {
        Self {
            root: root.trim_end_matches('/').to_owned(),
            channel: channel.clone(),
        }
    }

    fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.root)
    }

    /// The index URL for pip and uv.
    pub fn index_url(&self) -> String {
        self.url("simple/")
    }

    /// pip's command line.
    pub fn pip(&self, project: &str) -> String {
        format!("pip install --index-url {} {project}", self.index_url())
    }

    /// uv's command line.
    pub fn uv(&self, project: &str) -> String {
        format!("uv pip install --index-url {} {project}", self.index_url())
    }

    /// Where the apt key is kept on a client.
    fn apt_keyring(&self) -> String {
        format!("/etc/apt/keyrings/packyard-{}.asc", self.channel)
    }

    /// apt's one-line source.
    pub fn apt_line(&self, distribution: &DistributionName, components: &BTreeSet<ComponentName>) -> String {
        format!(
            "deb [signed-by={}] {} {distribution} {}",
            self.apt_keyring(),
            self.url("apt"),
            words(components)
        )
    }

    /// The commands that set up apt and install a package.
    pub fn apt(
        &self,
        distribution: &DistributionName,
        components: &BTreeSet<ComponentName>,
        package: &str,
    ) -> Vec<String> {
        vec![
            format!("curl -fsSL {} -o {}", self.url("apt/key.asc"), self.apt_keyring()),
            format!(
                "echo '{}' > /etc/apt/sources.list.d/packyard-{}.list",
                self.apt_line(distribution, components),
                self.channel
            ),
            format!("apt-get update && apt-get install {package}"),
        ]
    }

    /// The yum repository in one line, as it would stand in a `.repo` file.
    pub fn yum_line(&self, distribution: &DistributionName) -> String {
        format!(
            "[packyard-{}-{distribution}] baseurl={}  gpgcheck=1  repo_gpgcheck=1  gpgkey={}",
            self.channel,
            self.url(&format!("yum/{distribution}/$basearch/")),
            self.url("yum/key.asc")
        )
    }

    /// The commands that set up dnf and install a package.
    pub fn dnf(&self, distribution: &DistributionName, package: &str) -> Vec<String> {
        let file = format!("packyard-{}-{distribution}.repo", self.channel);
        vec![
            format!(
                "curl -fsSL {} -o /etc/yum.repos.d/{file}",
                self.url(&format!("yum/{distribution}.repo"))
            ),
            format!("dnf install {package}"),
        ]
    }

    /// The deb822 file for `/etc/apt/sources.list.d`, with the key in it.
    pub fn apt_sources(&self, suite: &AptSuite, key: &str) -> String {
        self.apt_source(suite) + &signed_by(key)
    }

    /// The same up to its key.
    fn apt_source(&self, suite: &AptSuite) -> String {
        let types = if suite.sources { "deb deb-src" } else { "deb" };
        format!(
            "# packyard, channel {}: put this file into /etc/apt/sources.list.d/\nTypes: {types}\nURIs: {}\nSuites: {}\n\
             Components: {}\n",
            self.channel,
            self.url("apt/"),
            suite.name,
            words(&suite.components)
        )
    }

    /// The file for `/etc/yum.repos.d`. dnf ignores a section called `[main]`, so the id is never the bare channel.
    /// Source packages are asked for by who wants them: `dnf download --source`. By its first line `setup.sh` knows the
    /// file as one that it may replace.
    pub fn yum_repo(&self, distribution: &str) -> String {
        let id = format!("packyard-{}-{distribution}", self.channel);
        let section = |id: &str, what: &str, arch: &str, enabled: u8| {
            format!(
                "[{id}]\nname=packyard {} {distribution}{what}\nbaseurl={}\nenabled={enabled}\ngpgcheck=1\n\
                 repo_gpgcheck=1\ngpgkey={}\n",
                self.channel,
                self.url(&format!("yum/{distribution}/{arch}/")),
                self.url("yum/key.asc")
            )
        };
        let packages = section(&id, "", "$basearch", 1);
        let sources = section(&format!("{id}-source"), " (source packages)", "source", 0);
        let put = format!(
            "# packyard, channel {}: put this file into /etc/yum.repos.d/",
            self.channel
        );
        format!("{put}\n{packages}\n{sources}")
    }

    /// A pip configuration file.
    pub fn pip_conf(&self) -> String {
        format!("[global]\nindex-url = {}\n", self.index_url())
    }

    /// A shell script that sets up the apt, dnf or zypper of the machine that it runs on: for the distribution that is
    /// asked for, else for the one that the machine is.
    pub fn setup_sh(&self, hosts: &Hosts, asked: Option<&str>) -> String {
        let apt = hosts.apt.iter();
        let script = SetupScript {
            apt: apt.map(|s| (s.name.clone(), self.apt_source(s))).collect(),
            apt_signed_by: signed_by(&hosts.apt_key),
            yum: hosts
                .yum
                .iter()
                .map(|name| (name.clone(), self.yum_repo(name)))
                .collect(),
            yum_key: hosts.yum_key.clone(),
        };
        script.text(&self.channel, &self.root, asked)
    }
}

/// A distribution as apt's sources name it.
#[derive(Debug, Clone)]
pub struct AptSuite {
    /// As its user calls it, by its own name or an alias.
    pub name: String,
    /// Its components.
    pub components: BTreeSet<ComponentName>,
    /// Whether it has source packages, too.
    pub sources: bool,
}

impl AptSuite {
    /// The suite that a name of a distribution means in a channel.
    pub fn of(yard: &Yard, channel: &ChannelName, name: &str) -> Result<Self, RepoError> {
        let own = yard.distribution_of(channel, name, Family::Deb)?;
        Ok(Self {
            name: name.to_owned(),
            components: yard.components(channel, &own)?,
            sources: yard.has_sources(channel, &own)?,
        })
    }
}

/// The machines that a script may find itself on: what distributions are called, and the keys that they trust.
#[derive(Debug, Clone)]
pub struct Hosts {
    apt: Vec<AptSuite>,
    yum: Vec<String>,
    apt_key: String,
    yum_key: String,
}

impl Hosts {
    /// Those of the distributions of a channel that are called so; each is of one family or of both.
    pub fn of<'a>(
        yard: &Yard,
        channel: &ChannelName,
        apt: impl IntoIterator<Item = &'a str>,
        yum: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, RepoError> {
        let suites = apt.into_iter().map(|name| AptSuite::of(yard, channel, name));
        Ok(Self {
            apt: suites.collect::<Result<_, _>>()?,
            yum: yum.into_iter().map(str::to_owned).collect(),
            apt_key: yard.public_keys(KeyUse::Apt)?,
            yum_key: yard.yum_keys_of(channel)?,
        })
    }
}

/// The field of a `.sources` file that holds the key.
fn signed_by(key: &str) -> String {
    let line = |l: &str| format!(" {}\n", if l.is_empty() { "." } else { l });
    let key: String = key.trim_end().lines().map(line).collect();
    format!("Signed-By:\n{key}")
}

fn words(components: &BTreeSet<ComponentName>) -> String {
    let all: Vec<&str> = components.iter().map(ComponentName::as_str).collect();
    all.join(" ")
}
