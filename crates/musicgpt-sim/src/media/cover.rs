//! The cover picture: a colour gradient with a few soft shapes on it.
//!
//! Like the tunes it uses plain arithmetic and square roots only, which give
//! the same bits on every machine.

use super::EncodeError;
use super::rng::Rng;

/// Width and height of a cover, in pixels.
pub const COVER_SIZE: u32 = 320;

/// Keeps covers on another random stream than any tune of the same seed.
const STREAM: u64 = u64::MAX;

type Color = [f64; 3];

/// A disc, or a ring if it has a hole.
struct Shape {
    x: f64,
    y: f64,
    radius: f64,
    hole: f64,
    color: Color,
    opacity: f64,
}

/// The cover of the song with this seed, as a PNG file.
///
/// # Errors
///
/// [`EncodeError::Encoder`] if the PNG library refuses.
pub fn cover_png(seed: u64) -> Result<Vec<u8>, EncodeError> {
    let error = EncodeError::from_encoder::<png::EncodingError>("png");
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, COVER_SIZE, COVER_SIZE);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().map_err(&error)?;
    writer.write_image_data(&paint(seed)).map_err(&error)?;
    writer.finish().map_err(&error)?;
    Ok(file)
}

/// The pixels, row by row, three bytes each.
fn paint(seed: u64) -> Vec<u8> {
    let mut rng = Rng::new(seed, STREAM);
    // Two neighbouring hues for the background and their opposite for the
    // shapes: a palette that fits whatever the first hue is.
    let hue = rng.unit();
    let turn = rng.pick([-0.14, -0.08, 0.08, 0.14]);
    let top = color(hue, 0.65, 0.22);
    let bottom = color(hue + turn, 0.70, 0.62);
    let shapes: Vec<Shape> = (0..7).map(|_| shape(&mut rng, hue)).collect();

    let size = f64::from(COVER_SIZE);
    let mut pixels = Vec::with_capacity((COVER_SIZE * COVER_SIZE * 3) as usize);
    for row in 0..COVER_SIZE {
        for column in 0..COVER_SIZE {
            let (x, y) = (f64::from(column), f64::from(row));
            let mut pixel = blend(top, bottom, (0.3 * x + 0.7 * y) / size);
            for shape in &shapes {
                pixel = blend(pixel, shape.color, shape.cover(x, y));
            }
            pixels.extend(pixel.map(|part| (part * 255.0).round() as u8));
        }
    }
    pixels
}

fn shape(rng: &mut Rng, hue: f64) -> Shape {
    let size = f64::from(COVER_SIZE);
    let radius = rng.between(0.08, 0.30) * size;
    Shape {
        x: rng.between(0.05, 0.95) * size,
        y: rng.between(0.05, 0.95) * size,
        radius,
        hole: rng.pick([0.0, 0.0, 0.75, 0.92]) * radius,
        color: color(
            hue + rng.between(0.38, 0.62),
            rng.between(0.5, 0.9),
            rng.between(0.45, 0.80),
        ),
        opacity: rng.between(0.45, 0.90),
    }
}

impl Shape {
    /// How much of a pixel the shape covers, from 0 to 1; the one-pixel slope
    /// at its edges keeps them smooth.
    fn cover(&self, x: f64, y: f64) -> f64 {
        let (dx, dy) = (x - self.x, y - self.y);
        let distance = (dx * dx + dy * dy).sqrt();
        let inside = (self.radius - distance + 0.5).clamp(0.0, 1.0);
        let outside_hole = if self.hole > 0.0 {
            (distance - self.hole + 0.5).clamp(0.0, 1.0)
        } else {
            1.0
        };
        inside * outside_hole * self.opacity
    }
}

fn blend(under: Color, over: Color, share: f64) -> Color {
    let [r, g, b] = under;
    let [over_r, over_g, over_b] = over;
    [
        r + (over_r - r) * share,
        g + (over_g - g) * share,
        b + (over_b - b) * share,
    ]
}

/// A colour from its hue (in turns), saturation and lightness.
fn color(hue: f64, saturation: f64, lightness: f64) -> Color {
    let strength = saturation * lightness.min(1.0 - lightness);
    // The three parts are one curve, a third of a turn apart.
    [0.0, 8.0, 4.0].map(|offset| {
        let sector = hue * 12.0 + offset;
        let sector = sector - (sector / 12.0).floor() * 12.0;
        lightness - strength * (sector - 3.0).min(9.0 - sector).clamp(-1.0, 1.0)
    })
}
