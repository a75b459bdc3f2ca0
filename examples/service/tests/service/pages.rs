//! The pages of the service, and its end.

use pluginkit::metadata::PluginState;
use tokio::net::TcpStream;

use crate::{ADMIN, File, Scratch, USER, start};

#[tokio::test]
async fn the_metrics_have_series_of_each_plugin_that_was_called() {
    let scratch = Scratch::new();
    let file = File::new(&scratch);
    let service = start(scratch, &file).await;
    let mut user = service.connect(Some(USER)).await;
    user.ask("POST", "/notes", "buy rope").await.unwrap();
    let answer = user.ask("GET", "/metrics", "").await.unwrap();
    assert_eq!(answer.status, 200);
    for plugin in ["request-log", "auth", "rate-limit", "notes", "store", "host"] {
        let label = format!("plugin=\"{plugin}\"");
        let series = answer.body.lines().filter(|line| line.contains(&label));
        // A counter, and a time that is a summary.
        let (counters, times): (Vec<_>, Vec<_>) = series.partition(|line| line.contains("_total{"));
        assert!(!counters.is_empty() && !times.is_empty(), "{plugin} in {}", answer.body);
    }
    service.end().await;
}

#[tokio::test]
async fn administrators_see_the_plugins_and_nobody_else_does() {
    let scratch = Scratch::new();
    let mut file = File::new(&scratch);
    file.list("c-routes", "hold", "text = '<hold>'");
    let service = start(scratch, &file).await;
    service.pm.disable("hold", "<b>under repair</b>").unwrap();
    assert_eq!(service.connect(Some(USER)).await.ask("GET", "/admin", "").await.unwrap().status, 403);
    assert_eq!(service.connect(None).await.ask("POST", "/admin/reload", "").await.unwrap().status, 401);
    let page = service.connect(Some(ADMIN)).await.ask("GET", "/admin", "").await.unwrap();
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    let body = &page.body;
    for plugin in service.pm.plugin_names() {
        assert!(body.contains(&format!("<td><b>{plugin}</b>")), "no {plugin} in the table of {body}");
        assert!(body.contains(&format!(">{plugin} – ")), "no {plugin} in the graph of {body}");
    }
    assert!(body.contains("Http::handle – firstresult") && body.contains("wraps 1"), "{body}");
    assert!(body.contains(">requires<"), "no requirement in the graph of {body}");
    assert!(body.contains("out of calls: &lt;b&gt;under repair&lt;/b&gt;"), "{body}");
    // It needs no other server.
    assert!(!body.contains("src=") && !body.contains("href=") && !body.contains("http:"), "{body}");
    service.end().await;
}

#[tokio::test]
async fn a_route_that_is_out_of_calls_is_not_missing_but_unavailable() {
    let scratch = Scratch::new();
    let file = File::new(&scratch);
    let service = start(scratch, &file).await;
    let mut user = service.connect(Some(USER)).await;
    let mut status = async |path| user.ask("GET", path, "").await.unwrap().status;
    assert_eq!([status("/notes").await, status("/nowhere").await], [200, 404]);
    service.pm.disable("notes", "under repair").unwrap();
    assert_eq!(status("/notes").await, 503);
    service.pm.enable("notes").unwrap();
    assert_eq!([status("/notes").await, status("/nowhere").await], [200, 404]);
    service.end().await;
}

#[tokio::test]
async fn an_end_answers_what_is_under_way_and_stops_the_plugins() {
    let scratch = Scratch::new();
    let mut file = File::new(&scratch);
    file.list("c-routes", "hold", "text = 'patience'");
    let service = start(scratch, &file).await;
    let mut holds = service.connect(Some(USER)).await;
    holds.send("GET", "/hold", "").await.unwrap();
    service.probe.until(|probe| probe.held.load(std::sync::atomic::Ordering::SeqCst) == 1).await;
    let (address, pm, probe) = (service.address, service.pm.clone(), service.probe.clone());
    service.end.send(()).unwrap();
    // The service takes no new connections, and the plugins still run.
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(pm.descriptors().iter().all(|plugin| plugin.state == PluginState::Started));
    probe.release.give();
    let answer = holds.receive().await.unwrap();
    assert_eq!((answer.status, answer.body.as_str()), (200, "patience"));
    service.served.await.unwrap().unwrap();
    assert!(pm.descriptors().iter().all(|plugin| plugin.state == PluginState::Stopped));
}
