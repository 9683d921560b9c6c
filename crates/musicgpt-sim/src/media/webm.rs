//! The WebM file of an Opus stream, written by hand.
//!
//! A WebM file is a tree of EBML elements: an identifier, the length of what
//! follows, and then either a value or more elements. One audio track needs
//! so few kinds of them that a library would be longer than this. The
//! identifiers are those of RFC 9559 (Matroska).

use super::Melody;
use super::opus::{PACKET_MILLIS, PACKET_TICKS, Stream, TICKS_PER_SECOND};

/// A new cluster, and so a place to jump to, every second.
const PACKETS_PER_CLUSTER: usize = 50;
/// Decoders should start this long before the place jumped to (RFC 7845).
const SEEK_PRE_ROLL_NANOS: u64 = 80_000_000;
/// Times in the file are counted in milliseconds.
const NANOS_PER_TIMESTAMP: u64 = 1_000_000;

/// The stream as a WebM file.
pub(super) fn write(stream: &Stream) -> Vec<u8> {
    let header = element(
        0x1A45_DFA3,
        &[
            uint(0x4286, 1), // EBML version, and the one needed to read
            uint(0x42F7, 1),
            uint(0x42F2, 4), // longest identifier and length, in bytes
            uint(0x42F3, 8),
            text(0x4282, "webm"),
            uint(0x4287, 4), // WebM version, and the one needed to read
            uint(0x4285, 2),
        ],
    );
    let info = element(
        0x1549_A966,
        &[
            uint(0x2A_D7B1, NANOS_PER_TIMESTAMP),
            float(0x4489, f64::from(Melody::SECONDS * 1000)),
            text(0x4D80, "musicgpt-sim"), // muxing and writing application
            text(0x5741, "musicgpt-sim"),
        ],
    );
    let tracks = element(0x1654_AE6B, &[track(stream)]);
    let clusters = clusters(stream);

    // The index stands before the clusters it points at, so its own length
    // moves them. All its numbers have a fixed width: building it once with
    // wrong positions tells the length.
    let before = info.len() + tracks.len();
    let index_length = cues(&clusters, 0).len();
    let index = cues(&clusters, before + index_length);

    let mut parts = vec![info, tracks, index];
    parts.extend(clusters);
    [header, element(0x1853_8067, &parts)].concat()
}

/// The description of the only track.
fn track(stream: &Stream) -> Vec<u8> {
    element(
        0xAE,
        &[
            uint(0xD7, 1),          // track number
            uint(0x73C5, 1),        // track identifier
            uint(0x83, 2),          // an audio track
            uint(0x9C, 0),          // one packet in a block
            text(0x22_B59C, "und"), // no particular language
            text(0x86, "A_OPUS"),
            binary(0x63A2, &opus_head(stream)),
            uint(0x56AA, nanos(u32::from(stream.pre_skip))),
            uint(0x56BB, SEEK_PRE_ROLL_NANOS),
            element(
                0xE1,
                &[
                    float(0xB5, f64::from(TICKS_PER_SECOND)),
                    uint(0x9F, 1), // mono
                ],
            ),
        ],
    )
}

/// The header a decoder is set up with: the same as in Ogg files (RFC 7845).
fn opus_head(stream: &Stream) -> Vec<u8> {
    let mut head = b"OpusHead".to_vec();
    head.extend([1, 1]); // version 1, mono
    head.extend(stream.pre_skip.to_le_bytes());
    head.extend(stream.rate.to_le_bytes());
    head.extend([0, 0, 0]); // no gain (two bytes), plain channel order
    head
}

/// The packets, a second of them in each cluster.
fn clusters(stream: &Stream) -> Vec<Vec<u8>> {
    let last = stream.packets.len().saturating_sub(1);
    let mut clusters = Vec::new();
    let mut index = 0;
    for packets in stream.packets.chunks(PACKETS_PER_CLUSTER) {
        let mut parts = vec![uint(0xE7, cluster_millis(clusters.len()))];
        for (place, packet) in packets.iter().enumerate() {
            parts.push(if index == last {
                // Only the long form of a block can say how much of it is
                // padding to throw away.
                let padding = nanos(PACKET_TICKS - stream.last_ticks);
                let block = binary(0xA1, &block(place, 0, packet));
                element(0xA0, &[block, uint(0x75A2, padding)])
            } else {
                binary(0xA3, &block(place, 0x80, packet)) // 0x80: decodable alone
            });
            index += 1;
        }
        clusters.push(element(0x1F43_B675, &parts));
    }
    clusters
}

/// A packet behind its track number (as an EBML number), its time since the
/// cluster's, and its flags.
fn block(place: usize, flags: u8, packet: &[u8]) -> Vec<u8> {
    // At most 50 packets of 20 ms: no cluster comes near the limit of 32 s.
    let millis = place as u16 * PACKET_MILLIS as u16;
    let mut block = vec![0x81];
    block.extend(millis.to_be_bytes());
    block.push(flags);
    block.extend(packet);
    block
}

/// The index: when each cluster starts, and where. Places are counted from
/// the start of the segment's contents.
fn cues(clusters: &[Vec<u8>], first: usize) -> Vec<u8> {
    let mut place = first;
    let mut points = Vec::new();
    for (index, cluster) in clusters.iter().enumerate() {
        let position = element(0xB7, &[uint(0xF7, 1), uint(0xF1, place as u64)]);
        points.push(element(
            0xBB,
            &[uint(0xB3, cluster_millis(index)), position],
        ));
        place += cluster.len();
    }
    element(0x1C53_BB6B, &points)
}

fn cluster_millis(index: usize) -> u64 {
    (index * PACKETS_PER_CLUSTER) as u64 * u64::from(PACKET_MILLIS)
}

fn nanos(ticks: u32) -> u64 {
    u64::from(ticks) * 1_000_000_000 / u64::from(TICKS_PER_SECOND)
}

fn element(id: u32, parts: &[Vec<u8>]) -> Vec<u8> {
    binary(id, &parts.concat())
}

fn uint(id: u32, value: u64) -> Vec<u8> {
    binary(id, &value.to_be_bytes())
}

fn float(id: u32, value: f64) -> Vec<u8> {
    binary(id, &value.to_be_bytes())
}

fn text(id: u32, value: &str) -> Vec<u8> {
    binary(id, value.as_bytes())
}

/// Every element is made here. Lengths are always written in the widest form,
/// eight bytes of which the first is the marker 1: it wastes a few bytes and
/// saves all thought about how long a length is.
fn binary(id: u32, value: &[u8]) -> Vec<u8> {
    let mut bytes: Vec<u8> = id
        .to_be_bytes()
        .into_iter()
        .skip_while(|b| *b == 0)
        .collect();
    bytes.extend((1u64 << 56 | value.len() as u64).to_be_bytes());
    bytes.extend(value);
    bytes
}
