//! Starts the given number of exports, configured by the environment.

use aws_config::BehaviorVersion;
use aws_sdk_simpledbv2::Client;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let calls: u32 = std::env::args().nth(1).ok_or("how many calls?")?.parse()?;
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build()?.block_on(async {
        let config = aws_config::load_defaults(BehaviorVersion::latest()).await;
        let client = Client::new(&config);
        for _ in 0..calls {
            let started = client
                .start_domain_export()
                .domain_name("Books")
                .s3_bucket("my-export-bucket")
                .s3_key_prefix("exports")
                .send()
                .await?;
            assert!(started.export_arn().starts_with("arn:"));
        }
        Ok(())
    })
}
