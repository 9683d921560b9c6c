//! The notes of a [`Melody`] turned into samples.
//!
//! Only additions, multiplications, divisions and roundings are used. IEEE
//! arithmetic fixes the result of each to the last bit, so a tune has the
//! same samples on every machine, which `f64::sin` would not promise.

use std::f64::consts::TAU;

use super::melody::{Melody, Note, Voice};

/// The fastest rate rendered: an absurd one must cost an error, not memory.
const FASTEST: u32 = 192_000;

/// The loudest sample, as a share of full scale. Lossy encoders overshoot a
/// little, and this is the room for it.
const PEAK: f64 = 0.7;

impl Melody {
    /// The tune as 16-bit mono samples: [`Melody::SECONDS`] times
    /// `sample_rate` of them. Rates above 192 kHz are taken as 192 kHz.
    pub fn samples(&self, sample_rate: u32) -> Vec<i16> {
        self.render(sample_rate)
            .map(|sample| (sample * f64::from(i16::MAX)).round() as i16)
            .collect()
    }

    /// The tune as integers of `bits` bits, 8 to 32.
    pub(super) fn integers(&self, sample_rate: u32, bits: u16) -> Vec<i32> {
        let full_scale = f64::from(i32::MAX >> (32 - bits.clamp(8, 32)));
        self.render(sample_rate)
            .map(|sample| (sample * full_scale).round() as i32)
            .collect()
    }

    /// The tune as samples from -1 to 1.
    pub(super) fn floats(&self, sample_rate: u32) -> Vec<f32> {
        self.render(sample_rate)
            .map(|sample| sample as f32)
            .collect()
    }

    /// Mixes all notes and brings the loudest moment to [`PEAK`].
    fn render(&self, sample_rate: u32) -> impl Iterator<Item = f64> {
        let rate = sample_rate.min(FASTEST);
        let mut mix = vec![0.0; rate as usize * Self::SECONDS as usize];
        for note in self.notes() {
            add(note, f64::from(rate), &mut mix);
        }
        let loudest = mix.iter().fold(0.0, |max: f64, s: &f64| max.max(s.abs()));
        let gain = if loudest > 0.0 { PEAK / loudest } else { 0.0 };
        mix.into_iter().map(move |sample| sample * gain)
    }
}

/// Adds one note to the mix.
fn add(note: &Note, rate: f64, mix: &mut [f64]) {
    // Loudness of the key note and of two overtones, and the attack in seconds.
    let ([first, second, third], attack) = match note.voice {
        Voice::Pluck => ([0.50, 0.20, 0.08], 0.006),
        Voice::Echo => ([0.16, 0.0, 0.0], 0.020),
        Voice::Bass => ([0.45, 0.15, 0.0], 0.012),
        Voice::Pad => ([0.10, 0.0, 0.0], 0.150),
    };
    let begin = (note.start * rate) as usize;
    let length = note.length * rate;
    let Some(place) = mix.get_mut(begin..begin + length as usize) else {
        return;
    };
    // This loop is most of the simulator's work in a debug build, so nothing
    // is called in it. The wave is a point carried round a circle, one fixed
    // turn for each sample; the overtones follow from the double and triple
    // angle formulas.
    let (turn_sin, turn_cos) = sin_cos(TAU * note.hertz / rate);
    let (mut sin, mut cos) = (0.0, 1.0);
    let (mut rise, mut left) = (0.0, 1.0);
    let (rise_step, left_step) = (1.0 / (attack * rate), 1.0 / length);
    for sample in place {
        let wave = sin * (first + second * 2.0 * cos + third * (4.0 * cos * cos - 1.0));
        // Rises in a straight line, then dies away like a plucked string and
        // is down to nothing at the note's end, so nothing clicks.
        *sample += wave * rise * left * left;
        if rise < 1.0 {
            rise += rise_step;
        }
        left -= left_step;
        (sin, cos) = (
            sin * turn_cos + cos * turn_sin,
            cos * turn_cos - sin * turn_sin,
        );
    }
}

/// Sine and cosine of a small angle, by their power series: exact to the last
/// digits for the angles here, none of which is above a radian or two.
fn sin_cos(angle: f64) -> (f64, f64) {
    let (mut sin, mut cos) = (0.0, 0.0);
    let mut term = 1.0;
    for n in 0..12 {
        let n = f64::from(2 * n);
        cos += term;
        term *= angle / (n + 1.0);
        sin += term;
        term *= -angle / (n + 2.0);
    }
    (sin, cos)
}
