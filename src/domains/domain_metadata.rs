//! DomainMetadata.

use std::borrow::Cow;

use time::OffsetDateTime;

use super::query::{BOX_USAGE, QueryOperation, REQUEST_ID};
use crate::wire::object::members;
use crate::wire::timestamp::{Timestamp, parse_epoch_seconds};
use crate::wire::xml;

/// Input of DomainMetadata: which domain.
///
/// `Serialize` and `Deserialize` use the names of the AWS CLI.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DomainMetadataInput {
    /// The domain's name.
    pub domain_name: String,
}

impl DomainMetadataInput {
    /// Creates an input for a domain.
    #[must_use]
    pub fn new(domain_name: impl Into<String>) -> DomainMetadataInput {
        DomainMetadataInput {
            domain_name: domain_name.into(),
        }
    }
}

/// Output of DomainMetadata: a domain's counts and sizes.
///
/// `Serialize` and `Deserialize` use the names of the AWS CLI.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DomainMetadataOutput {
    /// Number of items.
    pub item_count: u64,
    /// Size of all item names, in bytes of UTF-8.
    pub item_names_size_bytes: u64,
    /// Number of distinct attribute names.
    pub attribute_name_count: u64,
    /// Size of the distinct attribute names, in bytes of UTF-8.
    pub attribute_names_size_bytes: u64,
    /// Number of pairs of attribute name and value.
    pub attribute_value_count: u64,
    /// Size of all attribute values, in bytes of UTF-8.
    pub attribute_values_size_bytes: u64,
    /// When the service computed these numbers, to the second. The service caches them: they may be
    /// hours old.
    pub timestamp: OffsetDateTime,
    pub(crate) request_id: Option<String>,
    pub(crate) box_usage: Option<String>,
}

impl DomainMetadataOutput {
    /// Returns the AWS request id; quote it to AWS Support.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// Returns the machine hours that the request used, as the service reports them.
    #[must_use]
    pub fn box_usage(&self) -> Option<f64> {
        self.box_usage.as_deref()?.parse().ok()
    }
}

members!(DomainMetadataInput {
    required domain_name: "DomainName",
});

members!(DomainMetadataOutput {
    required item_count: "ItemCount",
    required item_names_size_bytes: "ItemNamesSizeBytes",
    required attribute_name_count: "AttributeNameCount",
    required attribute_names_size_bytes: "AttributeNamesSizeBytes",
    required attribute_value_count: "AttributeValueCount",
    required attribute_values_size_bytes: "AttributeValuesSizeBytes",
    required timestamp: "Timestamp" as Timestamp,
} and { request_id, box_usage });

impl QueryOperation for DomainMetadataInput {
    const NAME: &'static str = "DomainMetadata";

    type Output = DomainMetadataOutput;

    fn missing_member(&self) -> Option<&'static str> {
        self.domain_name.is_empty().then_some("DomainName")
    }

    fn parameters(&self) -> Vec<(&'static str, Cow<'_, str>)> {
        vec![("DomainName", Cow::Borrowed(&self.domain_name))]
    }

    fn read(xml: &[u8]) -> Option<DomainMetadataOutput> {
        let paths = [
            "DomainMetadataResult/ItemCount",
            "DomainMetadataResult/ItemNamesSizeBytes",
            "DomainMetadataResult/AttributeNameCount",
            "DomainMetadataResult/AttributeNamesSizeBytes",
            "DomainMetadataResult/AttributeValueCount",
            "DomainMetadataResult/AttributeValuesSizeBytes",
            "DomainMetadataResult/Timestamp",
            REQUEST_ID,
            BOX_USAGE,
        ];
        let [counts @ .., timestamp, request_id, box_usage] = xml::texts(xml, paths)?;
        let counts: [Option<u64>; 6] = counts.map(|text| text?.parse().ok());
        Some(DomainMetadataOutput {
            item_count: counts[0]?,
            item_names_size_bytes: counts[1]?,
            attribute_name_count: counts[2]?,
            attribute_names_size_bytes: counts[3]?,
            attribute_value_count: counts[4]?,
            attribute_values_size_bytes: counts[5]?,
            timestamp: parse_epoch_seconds(&timestamp?)?,
            request_id: request_id.map(|id| id.to_string()),
            box_usage: box_usage.map(|usage| usage.to_string()),
        })
    }

    fn request_id(output: &mut DomainMetadataOutput) -> &mut Option<String> {
        &mut output.request_id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const XML: &str = "<DomainMetadataResponse xmlns=\"http://sdb.amazonaws.com/doc/2009-04-15/\">\
        <DomainMetadataResult><ItemCount>195078</ItemCount>\
        <ItemNamesSizeBytes>2586634</ItemNamesSizeBytes>\
        <AttributeNameCount>12</AttributeNameCount>\
        <AttributeNamesSizeBytes>120</AttributeNamesSizeBytes>\
        <AttributeValueCount>3690416</AttributeValueCount>\
        <AttributeValuesSizeBytes>50149756</AttributeValuesSizeBytes>\
        <Timestamp>1225486466</Timestamp></DomainMetadataResult>\
        <ResponseMetadata><RequestId>id-1</RequestId><BoxUsage>0.0000071759</BoxUsage>\
        </ResponseMetadata></DomainMetadataResponse>";

    #[test]
    fn reads_every_count() {
        let output = DomainMetadataInput::read(XML.as_bytes()).unwrap();
        assert_eq!(output.request_id(), Some("id-1"));
        assert_eq!(output.box_usage(), Some(0.000_007_175_9));
        assert_eq!(
            serde_json::to_string(&output).unwrap(),
            r#"{"ItemCount":195078,"ItemNamesSizeBytes":2586634,"AttributeNameCount":12,"AttributeNamesSizeBytes":120,"AttributeValueCount":3690416,"AttributeValuesSizeBytes":50149756,"Timestamp":1225486466}"#
        );
    }

    #[test]
    fn rejects_a_response_that_lacks_a_count() {
        for (part, other) in [
            ("<ItemCount>195078</ItemCount>", ""),
            ("<ItemCount>195078", "<ItemCount>-1"),
            ("<Timestamp>1225486466</Timestamp>", "<Timestamp/>"),
        ] {
            let xml = XML.replace(part, other);
            assert_eq!(DomainMetadataInput::read(xml.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn requires_a_name() {
        assert_eq!(
            DomainMetadataInput::new("").missing_member(),
            Some("DomainName")
        );
        assert_eq!(DomainMetadataInput::new("Books").missing_member(), None);
    }
}
