//! Making what a configuration says so: all of it, or the difference to what was loaded before.

use crate::config::{ConfigError, PluginConfig};
use crate::error::Error;
use crate::lifecycle::Conductor;
use crate::loading::catalog::Catalog;
use crate::loading::discover::arriving;
use crate::loading::plan::{Plan, Wanted, failed, plan};
use crate::loading::state::{Group, Loaded};
use crate::loading::{LoadOptions, LoadPolicy, LoadReport, PluginFactory, Settings};
use crate::name::PluginId;
use crate::registry::Arriving;

/// One plugin that is to come in.
struct Step {
    wanted: Wanted,
    arriving: Arriving,
}

impl Conductor<'_> {
    /// Loads a configuration.
    pub(crate) async fn load(
        &self,
        config: &PluginConfig,
        options: LoadOptions,
    ) -> Result<LoadReport, Error> {
        let registry = self.registry();
        let _claim = registry.loads.claim()?;
        let loaded = self.still_loaded();
        let catalog = Catalog::of(registry);
        let Plan { wanted, mut groups, missing, wrong } = plan(registry, &catalog, config, &loaded);
        let mut report = LoadReport::default();
        let mut errors = Vec::new();
        let mut kept = Vec::new();

        let mut problems: Option<ConfigError> = None;
        for (plugin, problem) in missing {
            if options.missing == LoadPolicy::Skip {
                report.skipped.push(failed(plugin, None, Error::Config { source: problem.into() }));
            } else {
                add(&mut problems, problem.into());
            }
        }
        let mut fail =
            |plugin: PluginId, path: Option<&str>, error, report: &mut LoadReport, problems: &mut _| {
                if options.failing == LoadPolicy::Skip {
                    report.skipped.push(failed(plugin, path, error));
                } else if let Error::Config { source } = error {
                    add(problems, source);
                } else {
                    errors.push(error);
                }
            };
        for (plugin, error) in wrong {
            fail(plugin, None, error, &mut report, &mut problems);
        }

        let removed: Vec<Loaded> =
            loaded.iter().filter(|old| wanted.iter().all(|new| new.id != old.id)).cloned().collect();
        let order: Vec<PluginId> = wanted.iter().map(|wanted| wanted.id.clone()).collect();
        let mut steps: Vec<Step> = Vec::new();
        for wanted in wanted {
            let old = loaded.iter().find(|old| old.id == wanted.id);
            let Some(factory) = wanted.factory.clone() else {
                report.unchanged.push(wanted.id);
                continue;
            };
            if let Some(old) = old.filter(|old| old.section == wanted.section) {
                report.unchanged.push(wanted.id);
                kept.push(Loaded { discovered: wanted.discovered, ..old.clone() });
                continue;
            }
            let settings = Settings { id: &wanted.id, section: Some(&wanted.section) };
            match arriving(registry, &factory, &settings, old.map(|old| old.number)) {
                Ok(arriving) => steps.push(Step { wanted, arriving }),
                Err(error) => {
                    fail(wanted.id.clone(), factory.path(), error, &mut report, &mut problems);
                }
            }
        }
        if let Some(source) = problems {
            errors.insert(0, Error::Config { source });
        }
        Error::all(errors)?;

        self.bring_in(steps, &removed, options, &mut report).await?;
        report.removed.extend(removed.iter().map(|old| old.id.clone()));
        for group in &mut groups {
            group.members.retain(|(_, id)| registry.is_registered(id));
        }
        report.regrouped = regrouped(&registry.loads.groups(), &groups, &report);
        registry.loads.note(kept);
        let mut now = self.still_loaded();
        now.sort_by_key(|loaded| order.iter().position(|id| *id == loaded.id));
        report.moved = moved(&loaded, &now);
        registry.rerank(&now.iter().map(|loaded| loaded.number).collect::<Vec<_>>());
        registry.loads.set_loaded(now);
        registry.loads.set_groups(groups);
        registry.renew_views();
        Ok(report)
    }

    /// Takes out `removed` and brings in what the steps have, as one or, if failures are skipped, one by one. Who
    /// fails to change then is loaded still, with its old settings.
    async fn bring_in(
        &self,
        steps: Vec<Step>,
        removed: &[Loaded],
        options: LoadOptions,
        report: &mut LoadReport,
    ) -> Result<(), Error> {
        let leaving: Vec<u64> = removed.iter().map(|old| old.number).collect();
        if options.failing == LoadPolicy::Refuse {
            return self.bring_in_together(steps, &leaving, report).await;
        }
        self.bring_in_together(Vec::new(), &leaving, report).await?;
        for step in steps {
            let (id, factory) = (step.wanted.id.clone(), step.wanted.factory.clone());
            if let Err(error) = self.bring_in_together(vec![step], &[], report).await {
                let path = factory.as_ref().and_then(PluginFactory::path);
                report.skipped.push(failed(id, path, error));
            }
        }
        Ok(())
    }

    /// Takes out the plugins with the numbers `leaving` and brings in what the steps have, and notes that.
    async fn bring_in_together(
        &self,
        steps: Vec<Step>,
        leaving: &[u64],
        report: &mut LoadReport,
    ) -> Result<(), Error> {
        if leaving.is_empty() && steps.is_empty() {
            return Ok(());
        }
        let (wanted, arriving): (Vec<_>, Vec<_>) =
            steps.into_iter().map(|step| (step.wanted, step.arriving)).unzip();
        let replaces: Vec<_> = arriving.iter().map(|each| each.replaces.is_some()).collect();
        let numbers = self.exchange(leaving, arriving).await?;
        let mut arrived = Vec::new();
        for ((wanted, replaces), (id, number)) in wanted.into_iter().zip(replaces).zip(numbers) {
            if replaces { &mut report.reconfigured } else { &mut report.added }.push(id.clone());
            let Wanted { section, discovered, .. } = wanted;
            arrived.push(Loaded { id, number, section, discovered });
        }
        self.registry().loads.note(arrived);
        Ok(())
    }

    /// What was loaded and is there still.
    fn still_loaded(&self) -> Vec<Loaded> {
        let mut loaded = self.registry().loads.loaded();
        loaded.retain(|old| self.registry().life(&old.id).is_some_and(|life| life.number == old.number));
        loaded
    }
}

fn add(problems: &mut Option<ConfigError>, error: ConfigError) {
    *problems = Some(match problems.take() {
        Some(others) => others.and(error),
        None => error,
    });
}

/// Who has to move for those that are there before and `now` to stand as they do now, as few as possible.
fn moved(before: &[Loaded], now: &[Loaded]) -> Vec<PluginId> {
    let place = |loaded: &Loaded| before.iter().position(|old| old.id == loaded.id);
    let stayed: Vec<(usize, &PluginId)> =
        now.iter().filter_map(|loaded| Some((place(loaded)?, &loaded.id))).collect();
    // How many can stay where they are, up to each and with it, and who is the last of them before it.
    let mut longest: Vec<(usize, Option<usize>)> = Vec::new();
    for (at, (place, _)) in stayed.iter().enumerate() {
        let earlier = (0..at).filter(|&earlier| stayed[earlier].0 < *place);
        let best = earlier.max_by_key(|&earlier| (longest[earlier].0, std::cmp::Reverse(earlier)));
        longest.push((best.map_or(0, |best| longest[best].0) + 1, best));
    }
    let mut next = (0..stayed.len()).max_by_key(|&at| (longest[at].0, std::cmp::Reverse(at)));
    let mut keeps = vec![false; stayed.len()];
    while let Some(at) = next {
        keeps[at] = true;
        next = longest[at].1;
    }
    stayed.iter().zip(keeps).filter(|(_, keeps)| !keeps).map(|((_, id), _)| (*id).clone()).collect()
}

/// The groups of which the plugins that were there before and still are do not stand as they did.
fn regrouped(before: &[Group], now: &[Group], report: &LoadReport) -> Vec<String> {
    let stays = |id: &PluginId| !report.added.contains(id) && !report.removed.contains(id);
    let members = |groups: &[Group], name: &str| -> Vec<PluginId> {
        let group = groups.iter().find(|group| group.name == name);
        let members = group.into_iter().flat_map(|group| group.members.clone());
        members.map(|(_, id)| id).filter(stays).collect()
    };
    let gone = before.iter().filter(|old| now.iter().all(|new| new.name != old.name));
    let names = now.iter().chain(gone).map(|group| &group.name);
    names.filter(|name| members(before, name) != members(now, name)).cloned().collect()
}
