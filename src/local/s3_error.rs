//! The errors of S3: XML.

use super::exchange::Answer;

/// An error answer of S3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct S3Error {
    pub(super) status: u16,
    pub(super) code: &'static str,
    message: String,
    region: Option<String>,
    /// The length of the object that a range lies outside of.
    object_length: Option<u64>,
}

impl S3Error {
    pub(super) fn new(status: u16, code: &'static str, message: impl Into<String>) -> S3Error {
        S3Error {
            status,
            code,
            message: message.into(),
            region: None,
            object_length: None,
        }
    }

    /// Names the region where the bucket is, so that a client can sign anew.
    pub(super) fn with_region(mut self, region: String) -> S3Error {
        self.region = Some(region);
        self
    }

    pub(super) fn access_denied(message: impl Into<String>) -> S3Error {
        S3Error::new(403, "AccessDenied", message)
    }

    pub(super) fn not_implemented() -> S3Error {
        S3Error::new(
            501,
            "NotImplemented",
            "of S3, only GetObject and HeadObject are served here, without further parameters",
        )
    }

    pub(super) fn invalid_range(length: u64) -> S3Error {
        let mut error = S3Error::new(
            416,
            "InvalidRange",
            format!("the range lies outside of the object's {length} bytes"),
        );
        error.object_length = Some(length);
        error
    }

    pub(super) fn into_answer(self, request_id: &str) -> Answer {
        let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>");
        let region = self.region.as_deref();
        for (name, value) in [
            ("Code", Some(self.code)),
            ("Message", Some(self.message.as_str())),
            ("Region", region),
            ("RequestId", Some(request_id)),
        ] {
            if let Some(value) = value {
                push_element(&mut xml, name, value);
            }
        }
        xml.push_str("</Error>");
        let mut answer = Answer::new(self.status, "application/xml", xml.into_bytes());
        if let Some(region) = self.region {
            answer = answer.with_header("x-amz-bucket-region", region);
        }
        if let Some(length) = self.object_length {
            answer = answer.with_header("content-range", format!("bytes */{length}"));
        }
        answer
    }
}

fn push_element(xml: &mut String, name: &str, value: &str) {
    xml.extend(["<", name, ">"]);
    for character in value.chars() {
        match character {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            // XML has no way to write these.
            character if character.is_control() => xml.push('\u{fffd}'),
            character => xml.push(character),
        }
    }
    xml.extend(["</", name, ">"]);
}

#[cfg(test)]
mod tests {
    use super::super::exchange::AnswerBody;
    use super::*;

    #[test]
    fn an_error_is_xml_that_holds_any_text() {
        let error = S3Error::new(404, "NoSuchKey", "no <key> & \"more\"\0")
            .with_region("eu-west-1".to_owned());
        let answer = error.into_answer("id-1");
        assert_eq!(answer.status, 404);
        assert_eq!(answer.header("x-amz-bucket-region"), Some("eu-west-1"));
        let AnswerBody::Bytes(body) = answer.body else {
            panic!("an error has bytes")
        };
        assert_eq!(
            String::from_utf8(body).unwrap(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>NoSuchKey</Code>\
             <Message>no &lt;key&gt; &amp; \"more\"\u{fffd}</Message><Region>eu-west-1</Region>\
             <RequestId>id-1</RequestId></Error>"
        );
    }

    #[test]
    fn a_range_outside_tells_the_length() {
        let answer = S3Error::invalid_range(12).into_answer("id");
        assert_eq!(answer.header("content-range"), Some("bytes */12"));
    }
}
