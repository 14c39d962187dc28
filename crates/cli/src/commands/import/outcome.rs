//! What became of an import.

use super::plan::{Item, Plan};
use packyard_client::Refused;
use packyard_types::{ChangeId, ChannelName, DistributionName, DistributionSettings, Revision};
use serde::Serialize;
use std::collections::BTreeSet;

/// A file that did not go in, and why.
#[derive(Debug, Clone, Serialize)]
pub struct LeftOut {
    /// Where it lies.
    pub file: String,
    /// Why.
    pub reason: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl LeftOut {
    /// Without a hint.
    pub fn of(file: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            reason: reason.into(),
            hint: None,
        }
    }

    /// As the yard says it.
    pub fn refused(file: String, refused: &Refused) -> Self {
        Self {
            file,
            reason: refused.detail.clone(),
            hint: refused.hint.clone(),
        }
    }
}

/// The whole report.
#[derive(Debug, Serialize)]
pub struct Outcome {
    /// Where to.
    pub channel: ChannelName,
    /// Whether anything was done.
    pub dry_run: bool,
    /// What was recognised.
    pub sources: Vec<super::look::Layout>,
    /// The revision in which it is visible.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<Revision>,
    /// The releases that it became.
    pub releases: Vec<ChangeId>,
    /// How many artifacts are new; in a dry run, how many would be.
    pub published: usize,
    /// How many were there already.
    pub unchanged: usize,
    /// The same bytes in the same place again.
    pub duplicates: Vec<LeftOut>,
    /// What cannot be hosted.
    pub passed_over: Vec<LeftOut>,
    /// What is damaged or contradictory.
    pub left_out: Vec<LeftOut>,
    /// What else there is to know.
    pub remarks: Vec<String>,
    /// Distributions that came into being; in a dry run, that would.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub created: Vec<Created>,
    /// In a dry run: what would go in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub planned: Vec<Planned>,
}

/// A distribution that an import brings into being.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Created {
    /// Its name.
    pub name: DistributionName,
    /// `Suite`, where the other repository says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suite: Option<String>,
    /// `Origin`, where the other repository says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
}

impl Created {
    /// Those that a channel does not have: what the other repository declares, and what packages come with.
    pub fn of(
        declared: &[(DistributionName, DistributionSettings)],
        items: &[Item],
        there: &BTreeSet<String>,
    ) -> Vec<Self> {
        let mut names: BTreeSet<&DistributionName> = declared.iter().map(|(name, _)| name).collect();
        names.extend(items.iter().filter_map(|i| i.distribution.as_ref()));
        names.retain(|name| !name.is_any() && !there.contains(name.as_str()));
        let created = names.into_iter().map(|name| {
            let settings = declared.iter().find(|(d, _)| d == name).map(|(_, s)| s);
            Self {
                name: name.clone(),
                suite: settings.and_then(|s| s.suite.clone()),
                origin: settings.and_then(|s| s.origin.clone()),
            }
        });
        created.collect()
    }

    fn tell(&self) -> String {
        let said = [("Suite", &self.suite), ("Origin", &self.origin)];
        let said = said
            .iter()
            .filter_map(|(key, text)| Some(format!("{key} {}", text.as_ref()?)));
        let said: Vec<String> = said.collect();
        match said.len() {
            0 => self.name.to_string(),
            _ => format!("{} ({})", self.name, said.join(", ")),
        }
    }
}

/// An artifact that would go in.
#[derive(Debug, Serialize)]
pub struct Planned {
    filename: String,
    distribution: String,
    component: String,
}

impl Outcome {
    /// Before anything was sent.
    pub fn new(plan: Plan, channel: &ChannelName) -> Self {
        let mut remarks = Vec::new();
        if !plan.yanked.is_empty() {
            let names = plan.yanked.join(", ");
            remarks.push(format!(
                "yanked in the other place, and not here (`packyard yank` does it): {names}"
            ));
        }
        Self {
            channel: channel.clone(),
            dry_run: false,
            sources: plan.layouts,
            revision: None,
            releases: Vec::new(),
            published: 0,
            unchanged: 0,
            duplicates: plan.duplicates,
            passed_over: plan.passed_over,
            left_out: plan.left_out,
            remarks,
            created: Vec::new(),
            planned: Vec::new(),
        }
    }

    /// A dry run's: with what would go in, of which nothing was sent.
    pub fn planned(self, items: Vec<Item>) -> Self {
        let or = |s: Option<String>, default: &str| s.unwrap_or_else(|| default.to_owned());
        let planned = items.into_iter().map(|i| Planned {
            filename: i.name.to_string(),
            distribution: or(i.distribution.map(|d| d.to_string()), "any"),
            component: or(i.component.map(|c| c.to_string()), "main"),
        });
        let planned: Vec<Planned> = planned.collect();
        Self {
            dry_run: true,
            published: planned.len(),
            planned,
            ..self
        }
    }

    /// What a person reads.
    pub fn tell(&self) -> String {
        let mut lines = Vec::new();
        for c in &self.created {
            let verb = if self.dry_run { "would create" } else { "created" };
            lines.push(format!("{verb} distribution {}", c.tell()));
        }
        for p in &self.planned {
            lines.push(format!(
                "would go in  {} ({}/{})",
                p.filename, p.distribution, p.component
            ));
        }
        for (what, list) in [
            ("duplicate", &self.duplicates),
            ("passed over", &self.passed_over),
            ("left out", &self.left_out),
        ] {
            for l in list {
                lines.push(format!("{what:<12} {}: {}", l.file, l.reason));
                lines.extend(l.hint.iter().map(|h| format!("  hint: {h}")));
            }
        }
        lines.extend(self.remarks.iter().map(|r| format!("note: {r}")));
        let counts = format!(
            "{} duplicates, {} passed over, {} left out",
            self.duplicates.len(),
            self.passed_over.len(),
            self.left_out.len()
        );
        lines.push(match (self.dry_run, self.revision) {
            (true, _) => format!(
                "{} packages would go into channel {}, {} are there; {counts}",
                self.published, self.channel, self.unchanged
            ),
            (false, Some(revision)) => format!(
                "{} packages published, {} were there; {counts}; channel {} is at revision {revision}",
                self.published, self.unchanged, self.channel
            ),
            (false, None) => format!("nothing to publish; {counts}"),
        });
        lines.join("\n")
    }
}
