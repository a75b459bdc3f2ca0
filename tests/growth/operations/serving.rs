//! Services.

use std::sync::Arc;

use crate::plugins::{Format, Service, full, manager, name, names};
use crate::{ARRAY, FEW, Row};

pub(crate) const ROWS: [Row; 9] = [
    ("provide", FEW, |n| {
        let pm = manager();
        Box::new(move || {
            for priority in 0..i32::try_from(n).unwrap() {
                pm.provide_with::<dyn Format>(priority, Arc::new(Service)).unwrap();
            }
        })
    }),
    ("withdraw", FEW, |n| {
        let pm = manager();
        let all: Vec<_> = (0..n).map(|_| pm.provide::<dyn Format>(Arc::new(Service)).unwrap()).collect();
        Box::new(move || all.iter().for_each(|id| assert!(pm.withdraw(*id))))
    }),
    ("services", ARRAY, |n| {
        let pm = full(n, || Service);
        Box::new(move || {
            assert_eq!(pm.services::<dyn Format>().len(), pm.all_services::<dyn Format>().len());
            assert_eq!(pm.service::<dyn Format>().unwrap().format(), 1);
        })
    }),
    ("declare_services, provide_named, services_named", FEW, |n| {
        let (pm, names) = (manager(), names(n));
        Box::new(move || {
            for name in &names {
                pm.declare_services::<dyn Format>(name).unwrap();
                pm.provide_named::<dyn Format>(name, 0, Arc::new(Service)).unwrap();
                assert_eq!(pm.services_named::<dyn Format>(name).len(), 1);
            }
        })
    }),
    ("service_points", FEW, |n| {
        let pm = manager();
        for name in names(n) {
            pm.declare_services::<dyn Format>(&name).unwrap();
            pm.provide_named::<dyn Format>(name, 0, Arc::new(Service)).unwrap();
        }
        Box::new(move || assert!(pm.service_points().len() > n))
    }),
    ("register, of plugins that provide", FEW, |n| {
        let (pm, names) = (manager(), names(n));
        Box::new(move || names.iter().for_each(|name| drop(pm.register_as(name, Service).unwrap())))
    }),
    ("unregister, of plugins that provide", FEW, |n| {
        let (pm, names) = (full(n, || Service), names(n));
        Box::new(move || names.iter().for_each(|name| drop(pm.unregister(name).unwrap())))
    }),
    ("start_all and stop_all, of plugins that provide", FEW, |n| {
        let pm = full(n, || Service);
        Box::new(move || {
            pm.start_all().unwrap();
            pm.stop_all().unwrap();
        })
    }),
    ("remove, of plugins that provide", FEW, |n| {
        let pm = full(n, || Service);
        pm.start_all().unwrap();
        Box::new(move || (0..n).for_each(|own| drop(pm.remove(name(own)).unwrap())))
    }),
];
