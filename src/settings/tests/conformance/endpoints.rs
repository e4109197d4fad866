//! The endpoint rules and partitions of this service, as AWS publishes them.

use crate::settings::endpoint::{Variant, partition, resolve_endpoint};
use serde_json::Value;

use crate::tests::suites::{json, ran};

#[test]
fn resolves_or_rejects_every_case_of_the_rule_set() {
    let Some(suite) = json("endpoints/endpoint-tests-1.json") else {
        return;
    };
    let cases = suite["testCases"].as_array().expect("an array");
    for case in cases {
        let params = &case["params"];
        let is = |name: &str| params[name].as_bool().unwrap_or(false);
        let variant = Variant {
            fips: is("UseFIPS"),
            dual_stack: is("UseDualStack"),
        };
        let (region, custom) = (params["Region"].as_str(), params["Endpoint"].as_str());

        let expect = &case["expect"];
        let name = &case["documentation"];
        match resolve_endpoint(region, variant, custom) {
            Ok(url) => assert_eq!(expect["endpoint"]["url"], url, "{name}"),
            Err(error) => assert_eq!(expect["error"], error.to_string(), "{name}"),
        }
    }
    ran("endpoints", cases.len(), 26);
}

#[test]
fn finds_the_partition_of_every_region() {
    let Some(file) = json("endpoints/partitions.json") else {
        return;
    };
    let mut regions = 0;
    for expected in file["partitions"].as_array().expect("an array") {
        let outputs = &expected["outputs"];
        for (region, own) in expected["regions"].as_object().expect("an object") {
            let of = |name: &str| -> &Value { own.get(name).unwrap_or(&outputs[name]) };
            let found = partition(region);
            assert_eq!(expected["id"], found.id, "{region}");
            assert_eq!(*of("dnsSuffix"), found.dns_suffix, "{region}");
            assert_eq!(
                *of("dualStackDnsSuffix"),
                found.dual_stack_dns_suffix,
                "{region}"
            );
            assert_eq!(*of("supportsFIPS"), true, "{region}");
            assert_eq!(*of("supportsDualStack"), true, "{region}");
            regions += 1;
        }
    }
    ran("regions of partitions", regions, 53);
}
