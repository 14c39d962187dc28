//! How a client is set up: the lines that `up` prints, that pages show, and that the set-up files hold (INTERFACE.md).

use crate::{extract::Channel, setup_script::SetupScript};
use packyard_types::{ChannelName, ComponentName, DistributionName};
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
    pub fn apt_line(&self, distribution: &DistributionName, component: &ComponentName) -> String {
        format!(
            "deb [signed-by={}] {} {distribution} {component}",
            self.apt_keyring(),
            self.url("apt")
        )
    }

    /// The commands that set up apt and install a package of component `main`.
    pub fn apt(&self, distribution: &DistributionName, package: &str) -> Vec<String> {
        self.apt_in(distribution, &ComponentName::main(), package)
    }

    /// The commands that set up apt and install a package.
    pub fn apt_in(
        &self,
        distribution: &DistributionName,
        component: &ComponentName,
        package: &str,
    ) -> Vec<String> {
        vec![
            format!("curl -fsSL {} -o {}", self.url("apt/key.asc"), self.apt_keyring()),
            format!(
                "echo '{}' > /etc/apt/sources.list.d/packyard-{}.list",
                self.apt_line(distribution, component),
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

    /// The deb822 file for `/etc/apt/sources.list.d`, with the key in it. `suite` is the distribution as its user calls
    /// it, by its own name or an alias.
    pub fn apt_sources(&self, suite: &str, components: &BTreeSet<ComponentName>, key: &str) -> String {
        let components: Vec<&str> = components.iter().map(ComponentName::as_str).collect();
        let lines = key.trim_end().lines().map(|l| {
            if l.is_empty() {
                " .".to_owned()
            } else {
                format!(" {l}")
            }
        });
        let key: Vec<String> = lines.collect();
        format!(
            "# packyard, channel {}: put this file into /etc/apt/sources.list.d/\nTypes: deb\nURIs: {}\nSuites: {suite}\n\
             Components: {}\nSigned-By:\n{}\n",
            self.channel,
            self.url("apt/"),
            components.join(" "),
            key.join("\n")
        )
    }

    /// The file for `/etc/yum.repos.d`. dnf ignores a section called `[main]`, so the id is never the bare channel.
    pub fn yum_repo(&self, distribution: &str) -> String {
        let id = format!("packyard-{}-{distribution}", self.channel);
        format!(
            "# packyard, channel {0}: put this file into /etc/yum.repos.d/\n[{id}]\nname=packyard {0} {distribution}\nbaseurl={1}\nenabled=1\ngpgcheck=1\nrepo_gpgcheck=1\ngpgkey={2}\n",
            self.channel,
            self.url(&format!("yum/{distribution}/$basearch/")),
            self.url("yum/key.asc")
        )
    }

    /// A pip configuration file.
    pub fn pip_conf(&self) -> String {
        format!("[global]\nindex-url = {}\n", self.index_url())
    }

    /// A shell script that sets up the apt, dnf or zypper of the machine that it runs on.
    pub fn setup_sh(&self, distribution: &str, script: &SetupScript) -> String {
        script.text(&self.channel, &self.root, distribution)
    }
}
