//! AWS's partitions: groups of regions that share accounts, ARNs and DNS suffixes.
//!
//! The data is that of the partitions file, version 1.1, which AWS publishes with its SDKs. That
//! file lists regions, and has a pattern for future ones; all its patterns have the form
//! *prefix*`-`*word*`-`*number*, so that the prefixes are enough here. Every partition supports FIPS and dual stack.

use super::Variant;

/// A group of regions that share accounts, ARNs and DNS suffixes.
#[derive(Debug)]
pub(crate) struct Partition {
    /// The second field of ARNs: `aws`, `aws-cn` …
    pub(crate) id: &'static str,
    /// The end of an endpoint's host name: `amazonaws.com` …
    pub(crate) dns_suffix: &'static str,
    /// The same for dual-stack endpoints: `api.aws` …
    pub(crate) dual_stack_dns_suffix: &'static str,
    /// What precedes `-<word>-<number>` in the names of its regions.
    region_prefixes: &'static [&'static str],
}

impl Partition {
    const fn new(
        id: &'static str,
        region_prefixes: &'static [&'static str],
        dns_suffix: &'static str,
        dual_stack_dns_suffix: &'static str,
    ) -> Partition {
        Partition {
            id,
            dns_suffix,
            dual_stack_dns_suffix,
            region_prefixes,
        }
    }

    /// Returns the end of host names of this variant.
    pub(crate) fn suffix(&self, variant: Variant) -> &'static str {
        if variant.dual_stack {
            self.dual_stack_dns_suffix
        } else {
            self.dns_suffix
        }
    }

    fn has(&self, region: &str) -> bool {
        is_pseudo_region_of(self.id, region)
            || region_prefix(region).is_some_and(|prefix| self.region_prefixes.contains(&prefix))
    }
}

static AWS: Partition = Partition::new(
    "aws",
    // The partition of every region that no other one claims.
    &[],
    "amazonaws.com",
    "api.aws",
);

static OTHERS: [Partition; 7] = [
    Partition::new(
        "aws-cn",
        &["cn"],
        "amazonaws.com.cn",
        "api.amazonwebservices.com.cn",
    ),
    Partition::new(
        "aws-eusc",
        &["eusc-de"],
        "amazonaws.eu",
        "api.amazonwebservices.eu",
    ),
    Partition::new("aws-iso", &["us-iso"], "c2s.ic.gov", "api.aws.ic.gov"),
    Partition::new("aws-iso-b", &["us-isob"], "sc2s.sgov.gov", "api.aws.scloud"),
    Partition::new(
        "aws-iso-e",
        &["eu-isoe"],
        "cloud.adc-e.uk",
        "api.cloud-aws.adc-e.uk",
    ),
    Partition::new(
        "aws-iso-f",
        &["us-isof"],
        "csp.hci.ic.gov",
        "api.aws.hci.ic.gov",
    ),
    Partition::new("aws-us-gov", &["us-gov"], "amazonaws.com", "api.aws"),
];

/// Returns the partition of a region: `aws` if no other one claims it, as in AWS's rules.
pub(crate) fn partition(region: &str) -> &'static Partition {
    OTHERS
        .iter()
        .find(|partition| partition.has(region))
        .unwrap_or(&AWS)
}

/// Returns whether it is a name such as `aws-cn-global`, for services without regions.
fn is_pseudo_region_of(id: &str, region: &str) -> bool {
    region.strip_suffix("-global") == Some(id)
}

/// Returns `us-gov` for `us-gov-west-1`; `None` for a name of another form.
fn region_prefix(region: &str) -> Option<&str> {
    let (rest, number) = region.rsplit_once('-')?;
    let (prefix, word) = rest.rsplit_once('-')?;
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let is_region = !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && !word.is_empty()
        && word.bytes().all(is_word);
    is_region.then_some(prefix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_partition_of_a_future_region_by_its_prefix() {
        for (region, id) in [
            ("us-east-9", "aws"),
            ("us-gov-central-12", "aws-us-gov"),
            ("us-iso-north-2", "aws-iso"),
            ("us-isob-north-2", "aws-iso-b"),
            ("cn-south_2-1", "aws-cn"),
            ("aws-global", "aws"),
            ("aws-us-gov-global", "aws-us-gov"),
        ] {
            assert_eq!(partition(region).id, id, "{region}");
        }
    }

    #[test]
    fn falls_back_to_the_first_partition() {
        for region in [
            "",
            "-",
            "cn",
            "cn-north",
            "cn-north-",
            "cn--1",
            "cn-north-x",
            "cn-a.b-1",
        ] {
            assert_eq!(partition(region).id, "aws", "{region}");
        }
    }
}
