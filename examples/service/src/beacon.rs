//! A plugin that owns a port and a task.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use pluginkit::prelude::*;
use serde::Deserialize;
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

#[derive(Clone, Deserialize)]
pub(crate) struct BeaconSettings {
    address: SocketAddr,
    answer: String,
}

/// Answers each UDP packet with a text, for the health checks of a load balancer.
///
/// Two plugins cannot listen on one port. So this one is `exclusive`: a reload stops the old one first.
#[plugin(id = "beacon", project = "service", config = BeaconSettings, exclusive)]
pub(crate) struct Beacon {
    settings: Arc<BeaconSettings>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl From<BeaconSettings> for Beacon {
    fn from(settings: BeaconSettings) -> Self {
        Self { settings: Arc::new(settings), task: Mutex::default() }
    }
}

impl Beacon {
    fn set_task(&self, task: Option<JoinHandle<()>>) -> Option<JoinHandle<()>> {
        std::mem::replace(&mut *self.task.lock().unwrap_or_else(PoisonError::into_inner), task)
    }
}

#[extension]
impl Lifecycle for Beacon {
    async fn start(&self, cx: &PluginContext) -> Result<(), BoxError> {
        let address = self.settings.address;
        let socket =
            UdpSocket::bind(address).await.map_err(|error| format!("cannot listen at {address}: {error}"))?;
        let (settings, end) = (Arc::clone(&self.settings), cx.cancellation().cancelled());
        let answer = async move {
            let mut packet = [0; 512];
            // UDP loses packets, so an error of one packet is no error of the plugin.
            loop {
                if let Ok((_, from)) = socket.recv_from(&mut packet).await {
                    let _ = socket.send_to(settings.answer.as_bytes(), from).await;
                }
            }
        };
        let task = tokio::spawn(async move {
            tokio::select! {
                () = answer => {}
                () = end => {}
            }
        });
        self.set_task(Some(task));
        Ok(())
    }

    async fn stop(&self) -> Result<(), BoxError> {
        // The manager has cancelled the task already. The port is free when the task has ended.
        let task = self.set_task(None);
        if let Some(task) = task {
            task.await?;
        }
        Ok(())
    }
}
