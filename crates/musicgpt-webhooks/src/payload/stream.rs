//! The address from which a take can be heard while it is being made.

use crate::Link;
use crate::payload::payload;

payload! {
    /// A streaming URL of one take.
    Streaming {
        /// The take.
        conversion_id: String = ConversionId,
        /// An HLS playlist.
        streaming_url: Link = StreamingUrl,
    }
}
