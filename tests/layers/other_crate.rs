//! What the features import, as another crate imports it: it has to compile.
//!
//! `PLUGINKIT_LAYERS=record cargo test -p pluginkit-tests --test layers` writes this file.
#![allow(unused_imports, reason = "the names are all there is")]

#[rustfmt::skip]
mod insight {
    use pluginkit::Caller as _;
    use pluginkit::ExtensionPoint as _;
    use pluginkit::Manager as _;
    use pluginkit::PluginId as _;
    use pluginkit::__core::base::name::on_one_line as _;
    use pluginkit::__core::base::serialize::text as _;
    use pluginkit::__core::base::sync::AtomicU64 as _;
    use pluginkit::__core::base::sync::Mutex as _;
    use pluginkit::__core::base::sync::RwLock as _;
    use pluginkit::__core::base::sync::RwLockReadGuard as _;
    use pluginkit::__core::call::view::View as _;
    use pluginkit::__core::observe::circuit::CircuitState as _;
    use pluginkit::__core::observe::observer::OVERRAN as _;
    use pluginkit::__core::registry::Registry as _;
    use pluginkit::__core::registry::ServiceUse as _;
    use pluginkit::calls::Callable as _;
    use pluginkit::calls::Handle as _;
    use pluginkit::config::ConfigProblem as _;
    use pluginkit::kind::Kind as _;
    use pluginkit::metadata::LeftOut as _;
    use pluginkit::metadata::PluginDescriptor as _;
    use pluginkit::metadata::ServiceType as _;
    use pluginkit::metadata::UnboundName as _;
    use pluginkit::observe::End as _;
    use pluginkit::observe::Event as _;
    use pluginkit::observe::Fault as _;
    use pluginkit::observe::FaultKind as _;
    use pluginkit::observe::ObservedManager as _;
    use pluginkit::observe::Observer as _;
    use pluginkit::observe::ObserverId as _;
    use pluginkit::observe::Spans as _;
    use pluginkit::points::ImplementationInfo as _;
    use pluginkit::points::Mode as _;
    use pluginkit::points::PointInfo as _;
    use pluginkit::prelude::PluginState as _;
}

#[rustfmt::skip]
mod lifecycle {
    use pluginkit::AnyPlugin as _;
    use pluginkit::BoxError as _;
    use pluginkit::CallError as _;
    use pluginkit::Caller as _;
    use pluginkit::Error as _;
    use pluginkit::Manager as _;
    use pluginkit::PluginBuilder as _;
    use pluginkit::PluginId as _;
    use pluginkit::__core::base::drops as _;
    use pluginkit::__core::base::drops::DropPanic as _;
    use pluginkit::__core::base::drops::Foreign as _;
    use pluginkit::__core::base::drops::caught as _;
    use pluginkit::__core::base::drops::contain_quietly as _;
    use pluginkit::__core::base::drops::dispose as _;
    use pluginkit::__core::base::drops::drop_and_wake as _;
    use pluginkit::__core::base::drops::go_on as _;
    use pluginkit::__core::base::drops::wake_each as _;
    use pluginkit::__core::base::futures::BoxFuture as _;
    use pluginkit::__core::base::futures::block_on as _;
    use pluginkit::__core::base::futures::caught as _;
    use pluginkit::__core::base::futures::now as _;
    use pluginkit::__core::base::signal::CancellationSignal as _;
    use pluginkit::__core::base::signal::Cancelled as _;
    use pluginkit::__core::base::state::StateMap as _;
    use pluginkit::__core::base::sync::AtomicBool as _;
    use pluginkit::__core::base::sync::AtomicU64 as _;
    use pluginkit::__core::base::sync::Condvar as _;
    use pluginkit::__core::base::sync::Mutex as _;
    use pluginkit::__core::base::sync::MutexGuard as _;
    use pluginkit::__core::base::sync::thread as _;
    use pluginkit::__core::base::sync::thread_local as _;
    use pluginkit::__core::base::topology::reach as _;
    use pluginkit::__core::call::drain_is_pending as _;
    use pluginkit::__core::call::view::View as _;
    use pluginkit::__core::manager::staging::staged as _;
    use pluginkit::__core::plugin::dependency::Unresolved as _;
    use pluginkit::__core::registry::Candidate as _;
    use pluginkit::__core::registry::Change as _;
    use pluginkit::__core::registry::Changed as _;
    use pluginkit::__core::registry::Drain as _;
    use pluginkit::__core::registry::Entry as _;
    use pluginkit::__core::registry::EntryPart as _;
    use pluginkit::__core::registry::Incoming as _;
    use pluginkit::__core::registry::Prepared as _;
    use pluginkit::__core::registry::Registry as _;
    use pluginkit::__core::registry::RegistryPart as _;
    use pluginkit::__core::registry::Replacer as _;
    use pluginkit::__core::registry::ServiceProviders as _;
    use pluginkit::__core::registry::Slot as _;
    use pluginkit::__core::registry::Staged as _;
    use pluginkit::__core::registry::Step as _;
    use pluginkit::__core::registry::Switched as _;
    use pluginkit::calls::Callable as _;
    use pluginkit::calls::Handle as _;
    use pluginkit::kind::Asynchronous as _;
    use pluginkit::kind::Kind as _;
    use pluginkit::kind::Synchronous as _;
    use pluginkit::manager::ManagerBuilder as _;
    use pluginkit::manual::AsyncSpecs as _;
    use pluginkit::manual::PointCaller as _;
    use pluginkit::manual::Points as _;
    use pluginkit::manual::Specs as _;
    use pluginkit::metadata::Cause as _;
    use pluginkit::metadata::DependencyProblem as _;
    use pluginkit::metadata::Phase as _;
    use pluginkit::metadata::PluginDescriptor as _;
    use pluginkit::metadata::ServiceType as _;
    use pluginkit::metadata::UnboundName as _;
    use pluginkit::observe::Event as _;
    use pluginkit::prelude::PluginContext as _;
    use pluginkit::prelude::PluginState as _;
}

#[rustfmt::skip]
mod limits {
    use pluginkit::Manager as _;
    use pluginkit::PluginId as _;
    use pluginkit::__core::base::clock::Clock as _;
    use pluginkit::__core::base::drops::Foreign as _;
    use pluginkit::__core::base::drops::contain_quietly as _;
    use pluginkit::__core::base::sync::AtomicUsize as _;
    use pluginkit::__core::base::sync::Mutex as _;
    use pluginkit::__core::base::sync::MutexGuard as _;
    use pluginkit::__core::config::limits::BreakerLimits as _;
    use pluginkit::__core::config::limits::PluginLimits as _;
    use pluginkit::__core::observe::circuit::CircuitState as _;
    use pluginkit::__core::observe::gate::Ending as _;
    use pluginkit::__core::observe::gate::Gate as _;
    use pluginkit::__core::observe::gate::Run as _;
    use pluginkit::__core::plugin::implementation::Excluded as _;
    use pluginkit::__core::registry::Limiter as _;
    use pluginkit::__core::registry::NeededPlugins as _;
    use pluginkit::__core::registry::Registry as _;
    use pluginkit::__core::registry::RegistryPart as _;
    use pluginkit::__core::registry::Timeouts as _;
    use pluginkit::__core::spec::failure_policy::FailurePolicy as _;
    use pluginkit::config::ConfigProblem as _;
    use pluginkit::config::PluginConfig as _;
    use pluginkit::config::ProblemKind as _;
    use pluginkit::kind::Kind as _;
    use pluginkit::observe::Event as _;
    use pluginkit::observe::Fault as _;
    use pluginkit::observe::FaultKind as _;
    use pluginkit::observe::ObserverGuard as _;
}

#[rustfmt::skip]
mod loading {
    use pluginkit::AnyPlugin as _;
    use pluginkit::BoxError as _;
    use pluginkit::Error as _;
    use pluginkit::Manager as _;
    use pluginkit::Options as _;
    use pluginkit::Plugin as _;
    use pluginkit::PluginId as _;
    use pluginkit::__core::base::drops as _;
    use pluginkit::__core::base::drops::DropPanic as _;
    use pluginkit::__core::base::drops::Foreign as _;
    use pluginkit::__core::base::drops::go_on as _;
    use pluginkit::__core::base::drops::message as _;
    use pluginkit::__core::base::futures::now as _;
    use pluginkit::__core::base::name::on_one_line as _;
    use pluginkit::__core::base::name::short_type_name as _;
    use pluginkit::__core::base::similar::Known as _;
    use pluginkit::__core::base::state::StateMap as _;
    use pluginkit::__core::base::sync::AtomicBool as _;
    use pluginkit::__core::base::sync::Mutex as _;
    use pluginkit::__core::base::sync::MutexGuard as _;
    use pluginkit::__core::config::by_plugin::Named as _;
    use pluginkit::__core::config::by_plugin::NamedConfig as _;
    use pluginkit::__core::config::by_plugin::Spelling as _;
    use pluginkit::__core::config::by_plugin::variable_name as _;
    use pluginkit::__core::config::extensions::ExtensionOptions as _;
    use pluginkit::__core::config::extensions::PluginExtensions as _;
    use pluginkit::__core::config::limits::PluginLimits as _;
    use pluginkit::__core::error::texts::GENERIC as _;
    use pluginkit::__core::error::texts::link_hint as _;
    use pluginkit::__core::manager::group::GroupMember as _;
    use pluginkit::__core::manager::group::PluginGroup as _;
    use pluginkit::__core::manager::staging::staged as _;
    use pluginkit::__core::manager::staging::staged_fn as _;
    use pluginkit::__core::plugin::GenericPluginStub as _;
    use pluginkit::__core::plugin::PluginStub as _;
    use pluginkit::__core::plugin::Requirement as _;
    use pluginkit::__core::plugin::bind::Binder as _;
    use pluginkit::__core::plugin::bind::Extends as _;
    use pluginkit::__core::plugin::extension_stub::extend as _;
    use pluginkit::__core::plugin::implementation::Contribution as _;
    use pluginkit::__core::registry::Arrangement as _;
    use pluginkit::__core::registry::Arrived as _;
    use pluginkit::__core::registry::Change as _;
    use pluginkit::__core::registry::Changed as _;
    use pluginkit::__core::registry::ConfigNotes as _;
    use pluginkit::__core::registry::Done as _;
    use pluginkit::__core::registry::Entry as _;
    use pluginkit::__core::registry::Incoming as _;
    use pluginkit::__core::registry::Override as _;
    use pluginkit::__core::registry::Overrides as _;
    use pluginkit::__core::registry::Rebuilder as _;
    use pluginkit::__core::registry::Registry as _;
    use pluginkit::__core::registry::RegistryPart as _;
    use pluginkit::__core::registry::Staged as _;
    use pluginkit::__core::registry::Timeouts as _;
    use pluginkit::__core::registry::by_use as _;
    use pluginkit::__core::registry::stubs::metadata_of as _;
    use pluginkit::__core::registry::stubs::projects_of as _;
    use pluginkit::__core::registry::stubs::services_of as _;
    use pluginkit::__core::registry::unbound::warn as _;
    use pluginkit::__core::spec::point::Key as _;
    use pluginkit::config::ConfigEntry as _;
    use pluginkit::config::ConfigError as _;
    use pluginkit::config::ConfigGroup as _;
    use pluginkit::config::ConfigProblem as _;
    use pluginkit::config::Location as _;
    use pluginkit::config::PluginConfig as _;
    use pluginkit::config::PluginRef as _;
    use pluginkit::config::ProblemKind as _;
    use pluginkit::config::Section as _;
    use pluginkit::config::document_schema as _;
    use pluginkit::kind::Asynchronous as _;
    use pluginkit::kind::Kind as _;
    use pluginkit::kind::Synchronous as _;
    use pluginkit::manager::ManagerBuilder as _;
    use pluginkit::manual::AsyncSpecs as _;
    use pluginkit::manual::BindAsync as _;
    use pluginkit::manual::BindFn as _;
    use pluginkit::manual::PointTypes as _;
    use pluginkit::manual::Specs as _;
    use pluginkit::metadata::NamePlace as _;
    use pluginkit::metadata::PluginMetadata as _;
    use pluginkit::metadata::ServiceType as _;
    use pluginkit::metadata::UnboundName as _;
    use pluginkit::points::PluginNames as _;
    use pluginkit::points::PointInfo as _;
    use pluginkit::prelude::BoxError as _;
}

#[rustfmt::skip]
mod saga {
    use pluginkit::AnyPlugin as _;
    use pluginkit::BoxError as _;
    use pluginkit::CallError as _;
    use pluginkit::PluginId as _;
    use pluginkit::Settled as _;
    use pluginkit::__core::base::drops as _;
    use pluginkit::__core::base::drops::Foreign as _;
    use pluginkit::__core::base::drops::Gathered as _;
    use pluginkit::__core::base::drops::contain_quietly as _;
    use pluginkit::__core::base::drops::drop_each as _;
    use pluginkit::__core::base::drops::drop_each_foreign as _;
    use pluginkit::__core::base::drops::message as _;
    use pluginkit::__core::base::futures::BoxFuture as _;
    use pluginkit::__core::base::futures::caught as _;
    use pluginkit::__core::base::futures::now as _;
    use pluginkit::__core::base::state::StateMap as _;
}

#[rustfmt::skip]
mod services {
    use pluginkit::AnyPlugin as _;
    use pluginkit::Error as _;
    use pluginkit::Manager as _;
    use pluginkit::PluginBuilder as _;
    use pluginkit::PluginId as _;
    use pluginkit::__core::base::drops::Foreign as _;
    use pluginkit::__core::manager::group::PluginGroup as _;
    use pluginkit::__core::registry::Entry as _;
    use pluginkit::__core::registry::Offer as _;
    use pluginkit::__core::registry::OfferStub as _;
    use pluginkit::__core::registry::Registry as _;
    use pluginkit::__core::registry::Sight as _;
    use pluginkit::__core::registry::State as _;
    use pluginkit::__core::registry::StatePart as _;
    use pluginkit::__core::registry::Taken as _;
    use pluginkit::kind::Kind as _;
    use pluginkit::manager::ManagerBuilder as _;
    use pluginkit::metadata::ServiceType as _;
    use pluginkit::prelude::PluginContext as _;
}
