//! MP3 files, through `rusty_mp3`.

use rusty_mp3::{Error, Mp3Encoder, Mp3EncoderConfig};

use super::{EncodeError, Melody};

/// The sample rates MPEG-1, 2 and 2.5 Layer III define.
pub(super) const RATES: [u32; 9] = [
    8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000,
];

/// The tune as a mono file of constant bit rate; `rate` is one of [`RATES`].
pub(super) fn write(melody: &Melody, rate: u32) -> Result<Vec<u8>, EncodeError> {
    let error = EncodeError::from_encoder::<Error>("mp3");
    let mut encoder = Mp3Encoder::new(Mp3EncoderConfig {
        bitrate_kbps: match rate {
            32_000.. => 128,
            16_000.. => 64,
            // A frame of the slowest rates has no room for more.
            _ => 32,
        },
        vbr_quality: None,
    });
    encoder
        .push_pcm_s16(&melody.samples(rate), 1, rate)
        .map_err(&error)?;
    encoder.finish();
    let mut file = Vec::new();
    loop {
        match encoder.next_packet() {
            Ok(frame) => file.extend_from_slice(&frame),
            Err(Error::Eof) => return Ok(file),
            Err(other) => return Err(error(other)),
        }
    }
}
