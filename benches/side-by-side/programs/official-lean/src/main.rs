//! Starts the given number of exports. Without `aws-config` nothing reads the environment, so keys,
//! region and endpoint are passed explicitly.

use std::env::var;

use aws_sdk_simpledbv2::Client;
use aws_sdk_simpledbv2::config::{BehaviorVersion, Config, Credentials, Region};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let calls: u32 = std::env::args().nth(1).ok_or("how many calls?")?.parse()?;
    let credentials = Credentials::new(
        var("AWS_ACCESS_KEY_ID")?,
        var("AWS_SECRET_ACCESS_KEY")?,
        None,
        None,
        "environment",
    );
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(var("AWS_REGION")?))
        .endpoint_url(var("AWS_ENDPOINT_URL")?)
        .credentials_provider(credentials)
        .build();
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build()?.block_on(async {
        let client = Client::from_conf(config);
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
