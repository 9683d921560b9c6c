//! Opus packets, and the Ogg file of them, through `opus-pure`.

use opus_pure::{
    Application, Error, MAX_PACKET_BYTES, OggOpusWriter, OpusEncoder, OpusHead, OpusTags,
};

use super::{EncodeError, Melody};

/// The sample rates an Opus encoder takes. Decoders always say 48 kHz, so for
/// Opus files the rate asked for only decides how much treble is kept.
pub(super) const RATES: [u32; 5] = [8_000, 12_000, 16_000, 24_000, 48_000];

/// Opus files count time in ticks of 48 kHz, whatever the encoder was fed.
pub(super) const TICKS_PER_SECOND: u32 = 48_000;
/// Every packet holds 20 milliseconds.
pub(super) const PACKET_MILLIS: u32 = 20;
pub(super) const PACKET_TICKS: u32 = TICKS_PER_SECOND / 1000 * PACKET_MILLIS;

const BITS_PER_SECOND: i32 = 64_000;

/// An encoded tune, not yet in a file.
pub(super) struct Stream {
    pub(super) packets: Vec<Vec<u8>>,
    /// Ticks of the last packet that are sound; the rest is padding.
    pub(super) last_ticks: u32,
    /// Ticks at the start that decoders must throw away.
    pub(super) pre_skip: u16,
    /// The rate the encoder was fed with; for information only.
    pub(super) rate: u32,
}

impl Stream {
    /// Encodes the tune; `rate` is one of [`RATES`].
    pub(super) fn encode(melody: &Melody, rate: u32) -> Result<Self, EncodeError> {
        let error = EncodeError::from_encoder::<Error>("opus");
        let mut encoder = OpusEncoder::new(rate as i32, 1, Application::Audio).map_err(&error)?;
        encoder.bitrate_bps = BITS_PER_SECOND;
        let pre_skip = OpusHead::for_encoder(&encoder, rate).pre_skip;

        // The encoder runs behind its input by the pre-skip, so that much
        // silence has to follow the tune to push its end out, and the last
        // packet has to be filled up as well.
        let mut samples = melody.samples(rate);
        let ticks = Melody::SECONDS * TICKS_PER_SECOND + u32::from(pre_skip);
        let count = ticks.div_ceil(PACKET_TICKS);
        let per_packet = (rate / 1000 * PACKET_MILLIS) as usize;
        samples.resize(count as usize * per_packet, 0);

        let mut buffer = vec![0; MAX_PACKET_BYTES];
        let mut packets = Vec::with_capacity(count as usize);
        for chunk in samples.chunks_exact(per_packet) {
            let length = encoder
                .encode_s16(chunk, per_packet, &mut buffer)
                .map_err(&error)?;
            packets.push(buffer.iter().take(length).copied().collect());
        }
        Ok(Self {
            packets,
            last_ticks: ticks - (count - 1) * PACKET_TICKS,
            pre_skip,
            rate,
        })
    }
}

/// The stream as an Ogg file.
pub(super) fn write_ogg(stream: &Stream) -> Result<Vec<u8>, EncodeError> {
    let error = EncodeError::from_encoder::<Error>("ogg");
    let mut head = OpusHead::new(1, stream.rate).map_err(&error)?;
    head.pre_skip = stream.pre_skip;
    let mut writer = OggOpusWriter::with_tags(Vec::new(), head, OpusTags::new()).map_err(&error)?;
    if let Some((last, others)) = stream.packets.split_last() {
        for packet in others {
            writer.write_packet(packet).map_err(&error)?;
        }
        // Saying that the last packet is shorter than it is makes players
        // drop the padding.
        writer
            .write_packet_with_duration(last, stream.last_ticks)
            .map_err(&error)?;
    }
    writer.finish().map_err(&error)
}
