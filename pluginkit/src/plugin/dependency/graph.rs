//! [`Graph`]: the requirements between plugins.

use std::collections::{BTreeSet, HashMap};

use semver::Version;

use crate::base::name::PluginId;
use crate::base::topology::{self, Circular, reach};
use crate::plugin::dependency::DependencyProblem;
use crate::plugin::{Requirement, ServiceType};

/// How services link one plugin to others.
#[derive(Default)]
pub(crate) struct ServiceLinks {
    pub(crate) provides: Vec<ServiceType>,
    pub(crate) uses: Vec<UsedService>,
}

/// A service that a plugin uses.
pub(crate) struct UsedService {
    pub(crate) service: ServiceType,
    pub(crate) optional: bool,
    /// Whether the host provides it, or a plugin that is not in the graph.
    pub(crate) elsewhere: bool,
}

/// One plugin and its requirements.
pub(crate) struct Node<'n> {
    pub(crate) id: &'n PluginId,
    pub(crate) aliases: &'n [PluginId],
    pub(crate) version: &'n Version,
    pub(crate) requires: &'n [Requirement],
    pub(crate) optional_requires: &'n [Requirement],
    pub(crate) services: ServiceLinks,
}

/// Plugins, numbered in the order of their registration, and their requirements.
#[allow(missing_debug_implementations, reason = "public for `__core` only")]
pub struct Graph<'n> {
    nodes: Vec<Node<'n>>,
    numbers: HashMap<&'n str, usize>,
    providers: HashMap<ServiceType, BTreeSet<usize>>,
}

/// Why some plugins cannot be put in order.
#[derive(Debug, PartialEq, Eq)]
pub struct Unresolved {
    /// The requirements that are not met.
    pub problems: Vec<DependencyProblem>,
    /// Plugins each of which requires the next, the first again at the end.
    pub cycle: Option<Vec<PluginId>>,
}

impl<'n> Graph<'n> {
    pub(crate) fn new(nodes: Vec<Node<'n>>) -> Self {
        let names = |node: &Node<'n>| std::iter::once(node.id).chain(node.aliases);
        let named = nodes
            .iter()
            .zip(0..)
            .flat_map(|(node, number)| names(node).map(move |name| (name.as_str(), number)));
        let numbers = named.collect();
        let mut providers: HashMap<_, BTreeSet<_>> = HashMap::new();
        for (node, number) in nodes.iter().zip(0..) {
            for service in &node.services.provides {
                providers.entry(*service).or_default().insert(number);
            }
        }
        Self { nodes, numbers, providers }
    }

    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    fn number(&self, requirement: &Requirement) -> Option<usize> {
        self.numbers.get(requirement.id.as_str()).copied()
    }

    /// Returns the other plugins that provide a service that one uses.
    fn providers(&self, number: usize, used: &UsedService) -> impl Iterator<Item = usize> {
        let providers = self.providers.get(&used.service).into_iter().flatten().copied();
        providers.filter(move |other| *other != number)
    }

    /// Returns the registered plugins that one cannot do without, each once: those that it requires, and the last that
    /// provides a service that it requires.
    pub fn required(&self, number: usize) -> BTreeSet<usize> {
        let node = &self.nodes[number];
        let mut required: BTreeSet<_> =
            node.requires.iter().filter_map(|requirement| self.number(requirement)).collect();
        for used in node.services.uses.iter().filter(|used| !used.optional && !used.elsewhere) {
            let mut providers = self.providers(number, used);
            if let (Some(last), None) = (providers.next(), providers.next()) {
                required.insert(last);
            }
        }
        required
    }

    /// Returns `wanted` and the registered plugins that they cannot do without, directly or through others.
    pub fn needed(&self, wanted: impl IntoIterator<Item = usize>) -> BTreeSet<usize> {
        reach(wanted, |&number| self.required(number))
    }

    /// Returns the registered plugins that one requires or uses, each once.
    pub fn used(&self, number: usize) -> BTreeSet<usize> {
        let mut used = self.required(number);
        let optional = self.nodes[number].optional_requires.iter();
        used.extend(optional.filter_map(|requirement| self.number(requirement)));
        used.extend(self.nodes[number].services.uses.iter().flat_map(|used| self.providers(number, used)));
        used
    }

    /// Returns `wanted` and all that they use, in registration order.
    fn closure(&self, wanted: impl IntoIterator<Item = usize>) -> BTreeSet<usize> {
        reach(wanted, |&number| self.used(number))
    }

    /// Returns the plugins that cannot do without these, directly or through others; not themselves.
    pub fn requirers(&self, of: impl IntoIterator<Item = usize>) -> BTreeSet<usize> {
        let given: BTreeSet<usize> = of.into_iter().collect();
        let mut users: Vec<Vec<usize>> = vec![Vec::new(); self.len()];
        for number in 0..self.len() {
            for other in self.used(number) {
                users[other].push(number);
            }
        }
        let mut gone = given.clone();
        let mut open: Vec<usize> = given.iter().copied().collect();
        while let Some(number) = open.pop() {
            for &user in &users[number] {
                if !gone.contains(&user) && !self.can_do_without(user, &gone) {
                    gone.insert(user);
                    open.push(user);
                }
            }
        }
        gone.difference(&given).copied().collect()
    }

    /// Returns whether a plugin has all that it requires without those that are `gone`.
    fn can_do_without(&self, number: usize, gone: &BTreeSet<usize>) -> bool {
        let node = &self.nodes[number];
        let is_gone = |other: usize| gone.contains(&other);
        let mut named = node.requires.iter().filter_map(|requirement| self.number(requirement));
        let mut services = node.services.uses.iter().filter(|used| !used.optional && !used.elsewhere);
        !named.any(is_gone)
            && services.all(|used| {
                let mut providers = self.providers(number, used).peekable();
                // A service without a provider was missing before.
                providers.peek().is_none() || !providers.all(is_gone)
            })
    }

    /// Returns `wanted` and all that they use, dependencies first. Of several plugins that provide a service, those are
    /// left out that cannot be started.
    ///
    /// # Errors
    ///
    /// The requirements that are not met, or a cycle.
    pub fn order(&self, wanted: impl IntoIterator<Item = usize>) -> Result<Vec<usize>, Unresolved> {
        let wanted: Vec<_> = wanted.into_iter().collect();
        let closure: Vec<_> = self.closure(wanted.iter().copied()).into_iter().collect();
        let sorted = self.sort(&closure);
        let placed = match &sorted {
            Ok(order) => order,
            Err(circular) => &circular.placed,
        };
        let possible = self.possible_of(placed);
        if wanted.iter().all(|number| possible.contains(number)) {
            let needed = self.closure_within(&wanted, &possible);
            return Ok(placed.iter().copied().filter(|number| needed.contains(number)).collect());
        }
        let problems = closure.iter().flat_map(|&number| self.problems(number)).collect();
        let cycle = sorted.err().map(|Circular { ring, .. }| self.cycle(ring));
        Err(Unresolved { problems, cycle })
    }

    /// Returns all plugins, each after those that it uses, as far as that is possible. Else they keep their order.
    pub(crate) fn by_use(&self) -> Vec<usize> {
        let all: Vec<_> = (0..self.len()).collect();
        self.sort(&all).unwrap_or_else(|Circular { placed, .. }| {
            let is_placed: BTreeSet<_> = placed.iter().copied().collect();
            let others = all.into_iter().filter(|number| !is_placed.contains(number));
            placed.iter().copied().chain(others).collect()
        })
    }

    /// Returns the plugins of `wanted` that can be started, with all that they use, dependencies first.
    pub fn possible(&self, wanted: &[usize]) -> Vec<usize> {
        let closure: Vec<_> = self.closure(wanted.iter().copied()).into_iter().collect();
        let order = self.sort(&closure).unwrap_or_else(|circular| circular.placed);
        let possible = self.possible_of(&order);
        let wanted: Vec<_> = wanted.iter().copied().filter(|number| possible.contains(number)).collect();
        let needed = self.closure_within(&wanted, &possible);
        order.into_iter().filter(|number| needed.contains(number)).collect()
    }

    /// Returns those of `order` that can be started.
    fn possible_of(&self, order: &[usize]) -> BTreeSet<usize> {
        let mut possible = BTreeSet::new();
        for &number in order {
            if self.problems(number).is_empty() && self.can_do_with(number, &possible) {
                possible.insert(number);
            }
        }
        possible
    }

    /// Returns `wanted` and all that they use among `possible`.
    fn closure_within(&self, wanted: &[usize], possible: &BTreeSet<usize>) -> BTreeSet<usize> {
        reach(wanted.iter().copied(), |&number| {
            self.used(number).into_iter().filter(|used| possible.contains(used))
        })
    }

    /// Returns whether these plugins are all that one needs: those that it names, and one for each service.
    fn can_do_with(&self, number: usize, possible: &BTreeSet<usize>) -> bool {
        let node = &self.nodes[number];
        let mut named = node.requires.iter().chain(node.optional_requires);
        let is_possible = |other: usize| possible.contains(&other);
        named.all(|requirement| self.number(requirement).is_none_or(is_possible))
            && node
                .services
                .uses
                .iter()
                .all(|used| used.optional || used.elsewhere || self.providers(number, used).any(is_possible))
    }

    /// Sorts `closure`, rising numbers that use no others.
    fn sort(&self, closure: &[usize]) -> Result<Vec<usize>, Circular> {
        let place = |number: &usize| closure.binary_search(number).ok();
        let waits: Vec<Vec<usize>> =
            closure.iter().map(|&number| self.used(number).iter().filter_map(place).collect()).collect();
        let preferred: Vec<_> = (0..closure.len()).collect();
        let numbers = |places: Vec<usize>| places.into_iter().map(|place| closure[place]).collect();
        topology::sort(&waits, &preferred)
            .map(numbers)
            .map_err(|Circular { placed, ring }| Circular { placed: numbers(placed), ring: numbers(ring) })
    }

    /// Returns the unmet requirements of one plugin.
    fn problems(&self, number: usize) -> Vec<DependencyProblem> {
        let node = &self.nodes[number];
        let problem = |requirement: &Requirement, optional: bool| {
            let (plugin, dependency) = (node.id.clone(), requirement.id.clone());
            let required = requirement.to_string();
            match self.number(requirement).map(|found| self.nodes[found].version) {
                None if optional => None,
                None => Some(DependencyProblem::Missing { plugin, dependency, required }),
                Some(version) if requirement.accepts(version) => None,
                Some(version) => {
                    let found = version.to_string();
                    Some(DependencyProblem::Version { plugin, dependency, required, found })
                }
            }
        };
        let required = node.requires.iter().filter_map(|requirement| problem(requirement, false));
        let optional = node.optional_requires.iter().filter_map(|requirement| problem(requirement, true));
        let unprovided = node.services.uses.iter().filter(|used| {
            !used.optional && !used.elsewhere && self.providers(number, used).next().is_none()
        });
        let unprovided = unprovided.map(|used| DependencyProblem::NoService {
            plugin: node.id.clone(),
            service: used.service.to_string().into(),
            providers: Vec::new(),
            declared_by: Vec::new(),
        });
        required.chain(optional).chain(unprovided).collect()
    }

    /// Returns the plugins of a ring, beginning with the one that was registered first.
    fn cycle(&self, mut ring: Vec<usize>) -> Vec<PluginId> {
        ring.pop();
        let first = ring.iter().enumerate().min_by_key(|(_, number)| **number).map_or(0, |(at, _)| at);
        ring.rotate_left(first);
        let ids = ring.iter().chain(ring.first()).map(|&number| self.nodes[number].id.clone());
        ids.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Plugins(Vec<(PluginId, Version, Vec<Requirement>, Vec<Requirement>)>);

    /// `a 1.0.0: b >= 1, ?c` per plugin.
    fn plugins(lines: &[&str]) -> Plugins {
        Plugins(
            lines
                .iter()
                .map(|line| {
                    let (head, tail) = line.split_once(':').unwrap();
                    let (id, version) = head.split_once(' ').unwrap_or((head, "1.0.0"));
                    let mut required = Vec::new();
                    let mut optional = Vec::new();
                    for requirement in tail.split(';').map(str::trim).filter(|text| !text.is_empty()) {
                        match requirement.strip_prefix('?') {
                            Some(requirement) => optional.push(Requirement::parse(requirement).unwrap()),
                            None => required.push(Requirement::parse(requirement).unwrap()),
                        }
                    }
                    (id.into(), Version::parse(version).unwrap(), required, optional)
                })
                .collect(),
        )
    }

    impl Plugins {
        fn graph(&self) -> Graph<'_> {
            Graph::new(
                self.0
                    .iter()
                    .map(|(id, version, requires, optional_requires)| Node {
                        id,
                        aliases: &[],
                        version,
                        requires,
                        optional_requires,
                        services: ServiceLinks::default(),
                    })
                    .collect(),
            )
        }

        fn order(&self, wanted: &[usize]) -> Result<String, Unresolved> {
            let order = self.graph().order(wanted.iter().copied())?;
            Ok(self.names(order))
        }

        fn all(&self) -> Result<String, Unresolved> {
            self.order(&(0..self.0.len()).collect::<Vec<_>>())
        }

        fn names(&self, numbers: impl IntoIterator<Item = usize>) -> String {
            let names = numbers.into_iter().map(|number| self.0[number].0.as_str());
            names.collect::<Vec<_>>().join(" ")
        }
    }

    fn problems(unresolved: &Unresolved) -> Vec<String> {
        unresolved.problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn dependencies_come_first_and_ties_in_registration_order() {
        assert_eq!(
            plugins(&["zeta:", "yb: alpha", "xa: alpha", "alpha:"]).all().unwrap(),
            "zeta alpha yb xa"
        );
        assert_eq!(plugins(&["c: b", "b: a", "a:"]).all().unwrap(), "a b c");
        assert_eq!(plugins(&["d: b; c", "c: a", "b: a", "a:"]).all().unwrap(), "a c b d");
    }

    #[test]
    fn what_is_used_comes_first_whatever_is_missing() {
        let by_use = |lines: &[&str]| {
            let plugins = plugins(lines);
            let order = plugins.graph().by_use();
            plugins.names(order)
        };
        assert_eq!(by_use(&["c: b; nobody", "b: ?a", "a:", "d:"]), "a b c d");
        assert_eq!(by_use(&["loop: loop2", "c: loop", "loop2: loop", "b: a", "a:"]), "a b loop c loop2");
    }

    #[test]
    fn only_what_is_needed_is_ordered() {
        let plugins = plugins(&["broken: nobody", "loop: loop2", "loop2: loop", "b: a", "a:", "c: b"]);
        assert_eq!(plugins.order(&[3]).unwrap(), "a b");
        assert_eq!(plugins.order(&[5]).unwrap(), "a b c");
        assert!(plugins.all().is_err());
    }

    #[test]
    fn a_requirement_named_twice_counts_once() {
        assert_eq!(plugins(&["b: a; a >= 1; a", "a:"]).all().unwrap(), "a b");
    }

    #[test]
    fn everything_that_is_missing_is_told_at_once() {
        let unresolved = plugins(&["a: x; y >= 2", "b: a; z"]).all().unwrap_err();
        assert_eq!(
            problems(&unresolved),
            [
                "plugin `a` requires `x`, but no plugin is named `x`",
                "plugin `a` requires `y >=2`, but no plugin is named `y`",
                "plugin `b` requires `z`, but no plugin is named `z`",
            ]
        );
        assert_eq!(unresolved.cycle, None);
    }

    #[test]
    fn a_wrong_version_is_told_with_both_sides() {
        let unresolved = plugins(&["a 1.4.0:", "b: a >= 1.2, <1.4; a 1.4"]).all().unwrap_err();
        assert_eq!(problems(&unresolved), ["plugin `b` requires `a >=1.2, <1.4`, but `a` is version 1.4.0"]);
    }

    #[test]
    fn an_optional_requirement_orders_who_is_there_and_holds_them_to_its_range() {
        assert_eq!(plugins(&["b: ?a; ?nobody", "a:"]).all().unwrap(), "a b");
        let unresolved = plugins(&["b: ?a >= 2", "a:"]).all().unwrap_err();
        assert_eq!(problems(&unresolved), ["plugin `b` requires `a >=2`, but `a` is version 1.0.0"]);
    }

    #[test]
    fn a_cycle_is_shown_as_its_path_from_the_plugin_registered_first() {
        let cycle = |lines: &[&str]| plugins(lines).all().unwrap_err().cycle.unwrap().join(" ");
        assert_eq!(cycle(&["a: a"]), "a a");
        assert_eq!(cycle(&["x: b", "a: c", "b: a", "c: b"]), "a c b a");
        assert_eq!(cycle(&["a: ?b", "b: a"]), "a b a");
    }

    #[test]
    fn what_is_missing_and_what_is_circular_are_told_together() {
        let unresolved = plugins(&["a: b; x", "b: a"]).all().unwrap_err();
        assert_eq!((unresolved.problems.len(), unresolved.cycle.is_some()), (1, true));
    }

    #[test]
    fn requirers_are_all_that_cannot_do_without_a_plugin() {
        let plugins = plugins(&["a:", "b: a", "c: b; ?a", "d: ?a", "e: ?b", "f:"]);
        assert_eq!(plugins.names(plugins.graph().requirers([0])), "b c");
        assert_eq!(plugins.names(plugins.graph().requirers([5])), "");
    }

    #[test]
    fn requirers_are_found_in_a_cycle_too() {
        let plugins = plugins(&["a: b", "b: a"]);
        assert_eq!(plugins.names(plugins.graph().requirers([0])), "b");
    }

    #[test]
    fn those_are_possible_that_use_nothing_missing_and_no_cycle() {
        let lines = ["a:", "b: x", "c: b", "d: e", "e: d", "f: ?d", "g: a", "h: a > 2", "i: ?z; g"];
        let plugins = plugins(&lines);
        let graph = plugins.graph();
        let all: Vec<_> = (0..lines.len()).collect();
        let alone = all.iter().copied().filter(|&each| graph.order([each]).is_ok());
        assert_eq!(graph.possible(&all), alone.collect::<Vec<_>>());
        assert_eq!(plugins.names(graph.possible(&all)), "a g i");
    }
}
