//! The tune: which notes are played, and when.
//!
//! The seed chooses the song (key, mode, tempo, chords) and the take chooses
//! the tune over it, so two takes sound like two versions of one piece, as
//! they do on the real service.

use super::rng::Rng;

/// Bars in a tune, and tune notes in a bar.
const BARS: u32 = 4;
const STEPS_PER_BAR: u32 = 4;

/// The lowest note counted from, C1, in hertz.
const C1: f64 = 32.703_195_662_574_83;
/// C1's key in MIDI.
const C1_KEY: u8 = 24;
/// The twelfth root of two: the frequency ratio of one semitone.
const SEMITONE: f64 = 1.059_463_094_359_295_3;

/// A five-note scale and bass lines that fit it, all in semitones above the
/// key note. Five-note scales have no semitone steps, so whatever the random
/// walk does, no two notes of the tune clash.
#[derive(Clone, Copy)]
struct Mode {
    scale: [u32; 5],
    basses: [[u32; BARS as usize]; 3],
}

const MAJOR: Mode = Mode {
    scale: [0, 2, 4, 7, 9],
    basses: [[0, 9, 5, 7], [0, 7, 9, 5], [9, 5, 0, 7]],
};
const MINOR: Mode = Mode {
    scale: [0, 3, 5, 7, 10],
    basses: [[0, 8, 3, 10], [0, 5, 3, 10], [0, 10, 8, 7]],
};

/// How a note sounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Voice {
    /// The tune: bright and plucked.
    Pluck,
    /// A quiet, dull repeat of the tune.
    Echo,
    /// The bass.
    Bass,
    /// A soft open fifth under each bar.
    Pad,
}

/// One note; times are in seconds.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Note {
    pub(super) start: f64,
    pub(super) length: f64,
    pub(super) hertz: f64,
    /// The number of its key in MIDI.
    pub(super) key: u8,
    pub(super) voice: Voice,
}

/// A short tune, fully decided but not yet turned into sound.
#[derive(Debug, Clone, PartialEq)]
pub struct Melody {
    notes: Vec<Note>,
}

impl Melody {
    /// How long every tune lasts, in seconds.
    pub const SECONDS: u32 = 6;

    /// The tune of one take of the song with this seed.
    pub fn new(seed: u64, take: u32) -> Self {
        let mut song = Rng::new(seed, 0);
        let key = song.pick([0, 2, 3, 5, 7, 8, 10]);
        let mode = song.pick([MAJOR, MINOR]);
        let bass = song.pick(mode.basses);
        // At the slowest, the last of the 16 steps starts at 4.8 s, which
        // leaves the closing note time to ring before the end.
        let step = song.pick([0.28, 0.30, 0.32]);

        let mut melody = Self { notes: Vec::new() };
        melody.write_tune(&mut Rng::new(seed, 1 + u64::from(take)), mode, key, step);
        melody.write_accompaniment(bass, key, step);
        melody
    }

    /// A random walk over the scale that comes home to the key note.
    fn write_tune(&mut self, rng: &mut Rng, mode: Mode, key: u32, step: f64) {
        const STEPS: u32 = BARS * STEPS_PER_BAR;
        const HOME: i32 = 5; // the key note, an octave above the scale's lowest
        let mut degree = HOME + rng.pick([0, 2, 3]);
        for index in 0..STEPS {
            let last = index + 1 == STEPS;
            // Rests make it breathe; bar lines are never empty, so the pulse
            // stays clear.
            if !last && index % STEPS_PER_BAR != 0 && rng.one_in(4) {
                continue;
            }
            degree = if last {
                HOME
            } else {
                (degree + rng.pick([-2, -1, -1, 1, 1, 2])).clamp(1, 11)
            };
            let (octave, place) = (degree as u32 / 5, degree as usize % 5);
            let offset = mode.scale.get(place).copied().unwrap_or(0);
            let semitones = 24 + key + 12 * octave + offset;
            let start = f64::from(index) * step;
            let length = if last { 1.2 } else { 0.9 };
            self.play(start, length, semitones, Voice::Pluck);
            self.play(start + 1.5 * step, length, semitones, Voice::Echo);
        }
    }

    /// Two bass notes and one soft fifth for every bar.
    fn write_accompaniment(&mut self, bass: [u32; BARS as usize], key: u32, step: f64) {
        let bar = f64::from(STEPS_PER_BAR) * step;
        for (index, root) in (0u32..).zip(bass) {
            let start = f64::from(index) * bar;
            let semitones = 12 + key + root;
            self.play(start, bar * 0.6, semitones, Voice::Bass);
            self.play(start + bar / 2.0, bar * 0.8, semitones, Voice::Bass);
            self.play(start, bar * 1.3, semitones + 12, Voice::Pad);
            self.play(start, bar * 1.3, semitones + 19, Voice::Pad);
        }
    }

    fn play(&mut self, start: f64, length: f64, semitones: u32, voice: Voice) {
        // No note may be cut by the end of the file: a cut is a click.
        let length = length.min(f64::from(Self::SECONDS) - start);
        // Repeated multiplication instead of `powf`: plain arithmetic gives
        // the same bits everywhere, the maths library's functions do not.
        let hertz = (0..semitones).fold(C1, |hertz, _| hertz * SEMITONE);
        self.notes.push(Note {
            start,
            length,
            hertz,
            key: u8::try_from(semitones).map_or(127, |key| (C1_KEY + key).min(127)),
            voice,
        });
    }

    pub(super) fn notes(&self) -> &[Note] {
        &self.notes
    }
}
