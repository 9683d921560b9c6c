//! Files about music that are not sound: a MIDI file, a table of notes, and
//! the playlist of a stream.

use super::Melody;
use super::melody::{Note, Voice};

/// Ticks in a quarter note, and in a second at the usual 120 to the minute.
const TICKS_PER_QUARTER: u16 = 480;
const TICKS_PER_SECOND: f64 = 960.0;
const VELOCITY: u8 = 96;

/// A kind of file that is neither sound nor picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentKind {
    /// A Standard MIDI File.
    Midi,
    /// A table of notes with their times in seconds.
    Csv,
    /// An HLS playlist.
    Stream,
}

impl DocumentKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Midi, Self::Csv, Self::Stream];

    /// The kind that the API description calls by this name.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "midi" => Some(Self::Midi),
            "csv" => Some(Self::Csv),
            "stream" => Some(Self::Stream),
            _ => None,
        }
    }

    /// The kind of files that end like this.
    pub fn from_extension(extension: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.extension() == extension)
    }

    /// The file name's extension, without a dot.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Midi => "mid",
            Self::Csv => "csv",
            Self::Stream => "m3u8",
        }
    }

    /// The value of the `Content-Type` header for such a file.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Midi => "audio/midi",
            Self::Csv => "text/csv",
            Self::Stream => "application/vnd.apple.mpegurl",
        }
    }
}

/// The notes to be written down: an echo is none.
fn written(melody: &Melody) -> impl Iterator<Item = &Note> {
    let notes = melody.notes().iter();
    notes.filter(|note| note.voice != Voice::Echo)
}

/// The tune as a Standard MIDI File of one track.
pub fn midi(melody: &Melody) -> Vec<u8> {
    let mut events: Vec<(u32, [u8; 3])> = Vec::new();
    for note in written(melody) {
        events.push((ticks(note.start), [0x90, note.key, VELOCITY]));
        events.push((ticks(note.start + note.length), [0x80, note.key, 0]));
    }
    // Of events at one time the ends come first, or a repeated note would be
    // cut by the end of the one before it.
    events.sort_by_key(|(time, event)| (*time, event[0]));

    let mut track = vec![0x00, 0xFF, 0x51, 0x03, 0x07, 0xA1, 0x20];
    let mut now = 0;
    for (time, event) in events {
        push_number(&mut track, time - now);
        track.extend(event);
        now = time;
    }
    track.extend([0x00, 0xFF, 0x2F, 0x00]);

    let mut file = b"MThd\x00\x00\x00\x06\x00\x00\x00\x01".to_vec();
    file.extend(TICKS_PER_QUARTER.to_be_bytes());
    file.extend(b"MTrk");
    file.extend(u32::try_from(track.len()).unwrap_or(u32::MAX).to_be_bytes());
    file.extend(track);
    file
}

fn ticks(seconds: f64) -> u32 {
    (seconds * TICKS_PER_SECOND).round() as u32
}

/// A number of seven bits per byte; all but the last have the high bit set.
fn push_number(bytes: &mut Vec<u8>, number: u32) {
    for shift in [21, 14, 7] {
        if number >> shift != 0 {
            bytes.push(0x80 | (number >> shift & 0x7F) as u8);
        }
    }
    bytes.push((number & 0x7F) as u8);
}

/// The notes of the tune as a table.
pub fn notes_csv(melody: &Melody) -> String {
    let mut table = "start_time_s,end_time_s,pitch_midi,velocity\n".to_owned();
    for note in written(melody) {
        let end = note.start + note.length;
        table.push_str(&format!(
            "{:.3},{end:.3},{},{VELOCITY}\n",
            note.start, note.key
        ));
    }
    table
}

/// A playlist of one segment, with the whole tune.
pub fn playlist(segment: &str) -> String {
    let seconds = Melody::SECONDS;
    format!(
        "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:{seconds}\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXTINF:{seconds}.0,\n{segment}\n#EXT-X-ENDLIST\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_any_length() {
        for (number, bytes) in [
            (0, &[0x00][..]),
            (0x7F, &[0x7F]),
            (0x80, &[0x81, 0x00]),
            (0x4000, &[0x81, 0x80, 0x00]),
        ] {
            let mut written = Vec::new();
            push_number(&mut written, number);
            assert_eq!(written, bytes, "{number}");
        }
    }

    #[test]
    fn every_note_that_begins_ends() {
        let file = midi(&Melody::new(7, 0));
        let length = u32::from_be_bytes([file[18], file[19], file[20], file[21]]);
        assert_eq!(file.len(), 22 + length as usize);
        let (mut at, mut sounding, mut notes) = (22 + 7, [0_i32; 128], 0);
        while file[at + 1] != 0xFF {
            while file[at] & 0x80 != 0 {
                at += 1;
            }
            let (status, key) = (file[at + 1], usize::from(file[at + 2]));
            sounding[key] += if status == 0x90 { 1 } else { -1 };
            notes += i32::from(status == 0x90);
            at += 4;
        }
        assert!(notes > 16 && sounding.iter().all(|count| *count == 0));
        assert_eq!(file[at..], [0x00, 0xFF, 0x2F, 0x00]);
        let rows = notes_csv(&Melody::new(7, 0)).lines().count();
        assert_eq!(i32::try_from(rows).unwrap(), notes + 1);
    }
}
