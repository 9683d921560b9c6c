//! Every file is read back by a decoder that shares no code with its encoder:
//! `symphonia` for the files, and `ropus` for the Opus packets in them.

use std::io::Cursor;

use ropus::{Channels, DecodeMode, Decoder};
use symphonia::core::codecs::audio::AudioDecoderOptions;
use symphonia::core::formats::TrackType;
use symphonia::core::formats::probe::Hint;
use symphonia::core::io::MediaSourceStream;

use super::*;

/// What a file holds, as a decoder sees it.
struct Decoded {
    rate: u32,
    samples: Vec<f32>,
}

fn decode(file: Vec<u8>, format: AudioFormat) -> Decoded {
    let source = MediaSourceStream::new(Box::new(Cursor::new(file)), Default::default());
    let mut hint = Hint::new();
    hint.with_extension(format.extension());
    let mut reader = symphonia::default::get_probe()
        .probe(&hint, source, Default::default(), Default::default())
        .unwrap();
    let track = reader.default_track(TrackType::Audio).unwrap();
    let params = track
        .codec_params
        .as_ref()
        .unwrap()
        .audio()
        .unwrap()
        .clone();

    let mut samples = Vec::new();
    if matches!(format, AudioFormat::Ogg | AudioFormat::Webm) {
        let mut decoder = Decoder::new(48_000, Channels::Mono).unwrap();
        let mut buffer = [0i16; 5760];
        while let Some(packet) = reader.next_packet().unwrap() {
            let count = decoder
                .decode(&packet.data, &mut buffer, DecodeMode::Normal)
                .unwrap();
            samples.extend(buffer[..count].iter().map(|s| f32::from(*s) / 32768.0));
        }
        // `symphonia` leaves it to the decoder to throw the pre-skip away.
        samples.drain(..312);
        let rate = 48_000;
        return Decoded { rate, samples };
    }

    let options = AudioDecoderOptions::default().verify(true);
    let mut decoder = symphonia::default::get_codecs()
        .make_audio_decoder(&params, &options)
        .unwrap();
    let mut buffer: Vec<f32> = Vec::new();
    while let Some(packet) = reader.next_packet().unwrap() {
        let decoded = decoder.decode(&packet).unwrap();
        buffer.resize(decoded.samples_interleaved(), 0.0);
        decoded.copy_to_slice_interleaved(&mut buffer);
        samples.extend(&buffer);
    }
    // FLAC carries a checksum of its samples, and the decoder has compared it.
    let checksum = (format == AudioFormat::Flac).then_some(true);
    assert_eq!(decoder.finalize().verify_ok, checksum);
    if format == AudioFormat::Aac {
        // An ADTS stream cannot say that its first frame is only a run-up.
        samples.drain(..1024);
    }
    let rate = params.sample_rate.unwrap();
    Decoded { rate, samples }
}

/// The loudness of every quarter of a second.
fn loudness(samples: &[f32], rate: u32) -> Vec<f32> {
    samples
        .chunks_exact(rate as usize / 4)
        .map(|part| (part.iter().map(|s| s * s).sum::<f32>() / part.len() as f32).sqrt())
        .collect()
}

/// The file must last as long as the tune and sound about like it.
fn check(format: AudioFormat, rate: Option<u32>, bits: Option<u16>, expected_rate: u32) {
    let melody = Melody::new(7, 0);
    let what = format!("{format} at {rate:?} Hz with {bits:?} bits");
    let file = encode(&melody, format, rate, bits).unwrap();
    let decoded = decode(file, format);
    assert_eq!(decoded.rate, expected_rate, "{what}");

    let seconds = decoded.samples.len() as f32 / decoded.rate as f32;
    // Lossy codecs work in frames and may add a few of them.
    let slack = match format {
        AudioFormat::Wav | AudioFormat::Flac => 0.0,
        _ => 3.0 * 1152.0 / decoded.rate as f32,
    };
    assert!((seconds - 6.0).abs() <= slack, "{what}: {seconds} s");

    let original = loudness(&melody.floats(48_000), 48_000);
    let got = loudness(&decoded.samples, decoded.rate);
    for (a, b) in original.iter().zip(&got) {
        assert!((a - b).abs() < 0.03, "{what}: {original:?} became {got:?}");
    }
}

#[test]
fn lossless_files_have_the_settings_asked_for() {
    for rate in SAMPLE_RATES {
        check(AudioFormat::Wav, Some(rate), None, rate);
        check(AudioFormat::Flac, Some(rate), Some(24), rate.min(96_000));
    }
    for bits in [16, 24, 32] {
        check(AudioFormat::Wav, None, Some(bits), 44_100);
        check(AudioFormat::Flac, None, Some(bits), 44_100);
    }
}

#[test]
fn lossy_files_have_the_nearest_legal_rate() {
    for rate in SAMPLE_RATES {
        check(AudioFormat::Mp3, Some(rate), None, rate.min(48_000));
        check(AudioFormat::Aac, Some(rate), None, rate.min(96_000));
        check(AudioFormat::Ogg, Some(rate), None, 48_000);
        check(AudioFormat::Webm, Some(rate), None, 48_000);
    }
}

#[test]
fn lossless_files_hold_the_very_samples() {
    let melody = Melody::new(1, 1);
    for (format, bits) in [
        (AudioFormat::Wav, 32),
        (AudioFormat::Wav, 16),
        (AudioFormat::Flac, 24),
        (AudioFormat::Flac, 16),
    ] {
        let file = encode(&melody, format, Some(22_050), Some(bits)).unwrap();
        let scale = (1u64 << (bits - 1)) as f32;
        let expected: Vec<f32> = melody
            .integers(22_050, bits)
            .into_iter()
            .map(|sample| sample as f32 / scale)
            .collect();
        assert!(decode(file, format).samples == expected, "{format} {bits}");
    }
}

#[test]
fn files_start_as_their_kind_does() {
    let melody = Melody::new(0, 0);
    for format in AudioFormat::ALL {
        let start: &[u8] = match format {
            AudioFormat::Mp3 => &[0xFF, 0xFB],
            AudioFormat::Wav => b"RIFF",
            AudioFormat::Flac => b"fLaC",
            AudioFormat::Ogg => b"OggS",
            AudioFormat::Aac => &[0xFF, 0xF1],
            AudioFormat::Webm => &[0x1A, 0x45, 0xDF, 0xA3],
        };
        let file = encode(&melody, format, None, None).unwrap();
        assert!(file.starts_with(start), "{format}: {:x?}", &file[..4]);
        assert_eq!(file, encode(&melody, format, None, None).unwrap());
    }
}

#[test]
fn seed_and_take_make_the_tune() {
    let tune = Melody::new(3, 0).samples(8_000);
    assert_eq!(tune.len(), 48_000);
    assert_eq!(tune, Melody::new(3, 0).samples(8_000));
    assert_ne!(tune, Melody::new(3, 1).samples(8_000));
    assert_ne!(tune, Melody::new(4, 0).samples(8_000));
}

#[test]
fn every_tune_is_loud_enough_and_starts_and_ends_in_silence() {
    for seed in 0..40 {
        for take in 0..3 {
            let samples = Melody::new(seed, take).samples(8_000);
            let loudest = samples.iter().map(|s| s.unsigned_abs()).max();
            assert_eq!(loudest, Some(22_937));
            assert_eq!(samples.first(), Some(&0));
            assert!(samples.last().unwrap().abs() < 10);
        }
    }
}

#[test]
fn strange_settings_are_refused() {
    let melody = Melody::new(0, 0);
    for rate in [0, 1, 44_101, u32::MAX] {
        for format in AudioFormat::ALL {
            let refused = encode(&melody, format, Some(rate), None);
            assert_eq!(refused, Err(EncodeError::SampleRate(rate)));
        }
    }
    for format in [AudioFormat::Wav, AudioFormat::Flac] {
        for bits in [0, 8, 17, u16::MAX] {
            let refused = encode(&melody, format, None, Some(bits));
            assert_eq!(refused, Err(EncodeError::BitDepth { format, bits }));
        }
    }
    assert!(melody.samples(0).is_empty());
}

#[test]
fn formats_are_found_by_name() {
    for format in AudioFormat::ALL {
        assert_eq!(AudioFormat::from_name(format.extension()), Some(format));
    }
    assert_eq!(AudioFormat::from_name("FLAC"), Some(AudioFormat::Flac));
    assert_eq!(AudioFormat::from_name("midi"), None);
    assert_eq!(AudioFormat::from_name(""), None);
}

#[test]
fn covers_are_pictures_that_differ() {
    let cover = cover_png(5).unwrap();
    assert_eq!(cover, cover_png(5).unwrap());
    assert_ne!(cover, cover_png(6).unwrap());

    let mut reader = png::Decoder::new(Cursor::new(cover)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    assert_eq!((info.width, info.height), (COVER_SIZE, COVER_SIZE));
    reader.finish().unwrap();
}
