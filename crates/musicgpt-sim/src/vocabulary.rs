//! The meaning of field names that answers and webhooks share.
//!
//! Which fields an operation has is read from the bundle; what a name such as
//! `title_2` stands for is the one thing that a document cannot say. A name
//! that is not here is answered as in the documented example.

/// What a field of an answer or webhook holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The task's id.
    TaskId,
    /// The id of a conversion.
    ConversionId,
    /// Seconds until the result is expected.
    Eta,
    /// The task's conversion type.
    Feature,
    /// The task's status word.
    Status,
    /// A sentence for people about the state.
    Message,
    /// The receiver given with the request.
    WebhookUrl,
    /// When the task was accepted.
    CreatedAt,
    /// When the task last changed.
    UpdatedAt,
    /// When the last result was there.
    FinishedAt,
    /// The name of a result.
    Title,
    /// The words sung.
    Lyrics,
    /// The words sung with their times, as JSON in a string.
    TimedLyrics,
    /// The length of a result in seconds.
    Duration,
    /// Anything else.
    Other,
}

/// A field name taken apart: `title_2` is the title of take 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Name<'a> {
    /// The name without its take.
    pub(crate) base: &'a str,
    /// The take, counted from 0, if the name ends in one.
    pub(crate) take: Option<usize>,
    /// What it holds.
    pub(crate) role: Role,
}

impl<'a> Name<'a> {
    pub(crate) fn parse(name: &'a str) -> Self {
        let (base, take) = name
            .rsplit_once('_')
            .and_then(|(base, digits)| Some((base, digits.parse::<usize>().ok()?.checked_sub(1)?)))
            .map_or((name, None), |(base, take)| (base, Some(take)));
        let role = match base {
            "task_id" => Role::TaskId,
            "conversion_id" => Role::ConversionId,
            "eta" => Role::Eta,
            "feature" => Role::Feature,
            "status" => Role::Status,
            "message" | "status_msg" => Role::Message,
            "webhook_url" => Role::WebhookUrl,
            "createdAt" => Role::CreatedAt,
            "updatedAt" => Role::UpdatedAt,
            "generation_completed_at" => Role::FinishedAt,
            "title" => Role::Title,
            "lyrics" => Role::Lyrics,
            "lyrics_timestamped" => Role::TimedLyrics,
            "conversion_duration" | "conversion_durations" => Role::Duration,
            _ => Role::Other,
        };
        Self { base, take, role }
    }
}

/// The part of a result that a link's field names, such as `noise`. A field
/// that is called after being an address, such as `conversion_path_wav`,
/// holds the result itself. The same part in another format has the name too.
pub(crate) fn part_named(base: &str) -> Option<&str> {
    const ADDRESSES: [&str; 4] = ["path", "paths", "url", "file"];
    let part = base.strip_suffix("_wav").unwrap_or(base);
    let last = part.rsplit('_').next().unwrap_or(part);
    (!ADDRESSES.contains(&last)).then_some(part)
}

/// The request field that names a song.
pub(crate) const TITLE: &str = "title";
/// The request field with the words to sing.
pub(crate) const LYRICS: &str = "lyrics";
/// The request field that asks for a song without words.
pub(crate) const INSTRUMENTAL: &str = "make_instrumental";
/// What stands in place of the lyrics of such a song.
pub(crate) const INSTRUMENTAL_LYRICS: &str = "[Instrumental]";
/// The field in which a failed task says why.
pub(crate) const REASON: &str = "reason";

/// The field of a request or an answer that names an upload.
pub(crate) const UPLOAD_ID: &str = "upload_id";
/// Where the file of an upload goes.
pub(crate) const UPLOAD_URL: &str = "upload_url";
/// The form that has to go there with it.
pub(crate) const FORM: &str = "fields";
/// The media type announced for an upload.
pub(crate) const CONTENT_TYPE: &str = "content_type";
/// The size announced for an upload.
pub(crate) const SIZE: &str = "size_bytes";
/// The SHA-256 announced for an upload.
pub(crate) const SHA256: &str = "sha256";
/// The name of a file to be uploaded.
pub(crate) const FILE_NAME: &str = "filename";
/// How long something can be used.
pub(crate) const EXPIRES: &str = "expires_in_seconds";
/// How far the work on an upload is.
pub(crate) const PHASE: &str = "phase";
/// How long an answer may be held back.
pub(crate) const WAIT: &str = "wait_seconds";
/// Entries per page of a list.
pub(crate) const LIMIT: &str = "limit";
/// The number of a page, from zero.
pub(crate) const PAGE: &str = "page";
/// Entries on all pages together.
pub(crate) const TOTAL: &str = "total";
/// What names are compared with.
pub(crate) const QUERY: &str = "query";
/// Where a page of tasks ended.
pub(crate) const LAST_KEY: &str = "LastEvaluatedKey";
/// The bounds of a list of tasks.
pub(crate) const START_DATE: &str = "startDate";
pub(crate) const END_DATE: &str = "endDate";

/// Kinds of webhook, as `x-webhooks` and `x-kind` name them.
pub(crate) mod kind {
    pub(crate) const COVER: &str = "cover";
    pub(crate) const LYRICS: &str = "lyrics";
    pub(crate) const STREAM: &str = "stream";
    pub(crate) const FAILURE: &str = "failure";
}

/// Schema components with a meaning of their own.
pub(crate) mod component {
    pub(crate) const CONVERSION: &str = "Conversion";
    pub(crate) const CONVERSION_TYPE: &str = "ConversionType";
    pub(crate) const STEM: &str = "Stem";
    pub(crate) const SORT_ORDER: &str = "SortOrder";
    pub(crate) const VOICE: &str = "Voice";
    pub(crate) const WEBHOOK_URL: &str = "WebhookUrl";
    pub(crate) const AUDIO_FORMAT: &str = "AudioFormat";
    pub(crate) const SAMPLE_RATE: &str = "SampleRate";
    pub(crate) const BIT_DEPTH: &str = "BitDepth";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_are_told_from_names() {
        let name = Name::parse("conversion_path_wav_2");
        assert_eq!((name.base, name.take), ("conversion_path_wav", Some(1)));
        assert_eq!(Name::parse("title_1").role, Role::Title);
        assert_eq!(Name::parse("image_path").take, None);
        assert_eq!(Name::parse("x_0").take, None);
    }

    #[test]
    fn parts_are_told_from_results() {
        for result in [
            "conversion_path_wav",
            "audio_url",
            "output_file",
            "notes_file_path",
        ] {
            assert_eq!(part_named(result), None, "{result}");
        }
        assert_eq!(part_named("no_noise"), Some("no_noise"));
        assert_eq!(part_named("reverb_wav"), Some("reverb"));
    }
}
