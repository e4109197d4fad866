//! The operations of the older API, in each output format.

use serde_json::json;
use simpledb_export::Item;
use simpledb_export::local::LocalService;

use super::{Home, Ran};
use crate::support::{SECRET, Server, response};

fn service(home: &Home) -> LocalService {
    LocalService::builder()
        .root(home.path().join("root"))
        .domain("Cars", [Item::new("a").attribute("model", ["x", "yz"])])
        .sample_domain()
        .domain("Empty", [])
        .start()
        .unwrap()
}

#[test]
fn lists_domains_as_the_aws_cli_does() {
    let home = Home::new();
    let service = service(&home);
    let list = |arguments: &[&str]| {
        home.run_local(
            service.endpoint_url(),
            &[&["list-domains"], arguments].concat(),
        )
    };
    let json = "{\n    \"DomainNames\": [\n        \"Books\",\n        \"Cars\",\n        \
                \"Empty\"\n    ]\n}\n";
    list(&[]).assert(0, json, "");
    let text = "DOMAINNAMES\tBooks\nDOMAINNAMES\tCars\nDOMAINNAMES\tEmpty\n";
    list(&["--output=text"]).assert(0, text, "");
    let table = "DomainNames:\n+-------+\n| Books |\n| Cars  |\n| Empty |\n+-------+\n";
    list(&["--output=table"]).assert(0, table, "");

    let first = list(&["--max-number-of-domains=2"]).json();
    assert_eq!(first["DomainNames"].as_array().unwrap().len(), 2);
    let token = first["NextToken"].as_str().unwrap();
    let rest = list(&["--next-token", token]).json();
    assert_eq!(rest, json!({"DomainNames": ["Empty"]}));
}

#[test]
fn lists_some_domains_and_resumes() {
    let home = Home::new();
    let service = service(&home);
    let list = |arguments: &[&str]| {
        let arguments = [&["list-domains"], arguments].concat();
        home.run_local(service.endpoint_url(), &arguments)
    };
    for size in [1, 2, 100] {
        let page_size = format!("--page-size={size}");
        let mut first = list(&["--max-items=2", &page_size]).json();
        let token = first["NextToken"].take();
        assert_eq!(first["DomainNames"], json!(["Books", "Cars"]));
        let token = token.as_str().unwrap();
        let rest = list(&["--starting-token", token, &page_size]).json();
        assert_eq!(rest, json!({"DomainNames": ["Empty"]}));
        let all = list(&["--max-items=3", &page_size]).json();
        assert_eq!(all, json!({"DomainNames": ["Books", "Cars", "Empty"]}));
    }
    let first = list(&["--no-paginate"]).json();
    assert_eq!(first["DomainNames"].as_array().unwrap().len(), 3);
    let ran = list(&["--no-paginate", "--max-items=1"]);
    assert_eq!(ran.code, Some(252), "{ran:?}");
    let ran = list(&["--page-size=101"]);
    assert_eq!(ran.code, Some(252), "{ran:?}");
}

#[test]
fn shows_the_metadata_of_a_domain_as_the_aws_cli_does() {
    let home = Home::new();
    let body = "<DomainMetadataResponse><DomainMetadataResult><ItemCount>3</ItemCount>\
        <ItemNamesSizeBytes>15</ItemNamesSizeBytes><AttributeNameCount>2</AttributeNameCount>\
        <AttributeNamesSizeBytes>11</AttributeNamesSizeBytes>\
        <AttributeValueCount>6</AttributeValueCount>\
        <AttributeValuesSizeBytes>60</AttributeValuesSizeBytes><Timestamp>1771243199</Timestamp>\
        </DomainMetadataResult></DomainMetadataResponse>";
    let server = Server::with_responses(vec![response(200, &[], body.as_bytes())]);
    let show = |form| {
        let arguments = ["domain-metadata", "--domain-name=Books", "--output", form];
        home.run_for(&server.url(), &arguments)
    };
    show("json").assert(
        0,
        r#"{
    "ItemCount": 3,
    "ItemNamesSizeBytes": 15,
    "AttributeNameCount": 2,
    "AttributeNamesSizeBytes": 11,
    "AttributeValueCount": 6,
    "AttributeValuesSizeBytes": 60,
    "Timestamp": 1771243199
}
"#,
        "",
    );
    show("text").assert(0, "2\t11\t6\t60\t3\t15\t1771243199\n", "");
    let table = show("table");
    assert!(
        table
            .stdout
            .contains("| ItemCount                | 3          |"),
        "{table:?}"
    );
}

#[test]
fn contacts_nothing_if_only_the_export_api_has_an_endpoint() {
    let home = Home::new();
    let arguments = ["domain-metadata", "--domain-name=Books"];
    let mut command = home.command_for("", ("AKIDEXAMPLE", SECRET), &arguments);
    command.env("AWS_ENDPOINT_URL_SIMPLEDBV2", "http://127.0.0.1:9");
    Ran::from(command.output().unwrap()).assert(
        253,
        "",
        "simpledb-export: no endpoint of SimpleDB's older API (ListDomains, DomainMetadata) is \
         known: AWS_ENDPOINT_URL_SIMPLEDBV2 is for the export API only; set \
         AWS_ENDPOINT_URL_SIMPLEDB, or AWS_ENDPOINT_URL for both\n",
    );
}

#[test]
fn reports_a_domain_that_does_not_exist() {
    let home = Home::new();
    let service = service(&home);
    let arguments = ["domain-metadata", "--domain-name=Nothing"];
    let ran = home.run_local(service.endpoint_url(), &arguments);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(254), ""));
    let begin = "simpledb-export: DomainMetadata failed: NoSuchDomain: The specified domain does \
                 not exist. (HTTP status 400, request id ";
    assert!(ran.stderr.starts_with(begin), "{}", ran.stderr);
}
