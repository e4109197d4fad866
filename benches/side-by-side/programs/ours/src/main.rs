//! Starts the given number of exports, configured by the environment.

use simpledb_export::{Client, StartDomainExportInput};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let calls: u32 = std::env::args().nth(1).ok_or("how many calls?")?.parse()?;
    let client = Client::from_env()?;
    let input = StartDomainExportInput::new("Books", "my-export-bucket").s3_key_prefix("exports");
    for _ in 0..calls {
        let started = client.start_domain_export(&input)?;
        assert!(started.export_arn.starts_with("arn:"));
    }
    Ok(())
}
