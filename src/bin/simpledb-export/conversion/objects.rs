//! Converted objects: one, or several of limited size.

use simpledb_export::data::{self, ObjectParts, ObjectWriter, Upload};

use super::ConversionOptions;

/// What a conversion uploads.
pub(crate) enum Objects {
    One(ObjectWriter),
    Parts(ObjectParts),
}

impl Objects {
    /// Starts an upload, of several objects if the options say so.
    pub(crate) fn start(
        upload: Upload,
        options: &ConversionOptions,
    ) -> Result<Objects, data::Error> {
        match options.split {
            Some(_) => upload.start_parts().map(Objects::Parts),
            None => upload.start().map(Objects::One),
        }
    }

    /// Returns what the objects that exist now are made from, if they are complete.
    pub(crate) fn existing_source(&self) -> Option<&str> {
        match self {
            Objects::One(object) => object.existing_source(),
            Objects::Parts(parts) => parts.existing_source(),
        }
    }

    /// Removes what was uploaded.
    pub(crate) fn abort(self) -> Result<(), data::Error> {
        match self {
            Objects::One(object) => object.abort(),
            Objects::Parts(parts) => parts.abort(),
        }
    }
}
