//! Every shape of webhook that the API's documents or users have shown: facts of
//! names and types, with made-up ids, hosts and texts.

#![allow(dead_code, reason = "each test file uses a part")]

use musicgpt_webhooks::Event;
use serde_json::Value;

pub struct Shape {
    pub name: &'static str,
    pub kind: &'static str,
    pub feature: Option<&'static str>,
    pub json: String,
}

pub fn parse(json: &str) -> Event {
    Event::from_slice(json.as_bytes()).expect("a JSON object")
}

pub fn object(json: &str) -> serde_json::Map<String, Value> {
    serde_json::from_str(json).expect("a JSON object")
}

pub fn shape(name: &str) -> Event {
    let shapes = shapes();
    let shape = shapes.iter().find(|shape| shape.name == name);
    parse(&shape.expect("a shape of this name").json)
}

/// Timed lyrics in the key order of the documents.
pub const TIMED: &str = r#"[{"start": 9880, "end": 15600, "text": "[Verse]", "index": 0}, {"start": 9880, "end": 10720, "text": "Green leaves", "index": 1}, {"start": 13720, "end": 15600, "text": "Morning rain", "index": 2}]"#;

fn with_timed(json: &str) -> String {
    let text = serde_json::to_string(TIMED).expect("text");
    json.replace("TIMED", &text)
}

fn song(conversion_type: &str, subtype: &str) -> String {
    with_timed(
        r#"{"success": true, "conversion_type": "TYPE", "task_id": "t-1", "conversion_id": "c-1",
            "conversion_path": "https://cdn.example.invalid/std/c-1.mp3",
            "conversion_path_wav": "https://cdn.example.invalid/hq/c-1.wav",
            "conversion_duration": 155.95, "is_flagged": false, "reason": "",
            "lyrics": "[Verse]\nGreen leaves\nMorning rain", "lyrics_timestamped": TIMED,
            "title": "Greenery", "subtype": "SUB"}"#,
    )
    .replace("TYPE", conversion_type)
    .replace("SUB", subtype)
}

fn single(conversion_type: &str, fields: &str) -> String {
    format!(
        r#"{{"success": true, "conversion_type": "{conversion_type}", "task_id": "t-1", "conversion_id": "c-1", {fields}}}"#
    )
}

#[rustfmt::skip]
pub fn shapes() -> Vec<Shape> {
    let shape = |name, kind, feature, json: String| Shape { name, kind, feature: Some(feature), json };
    let result = |name, feature, json| shape(name, "result", feature, json);
    vec![
        shape("music_ai", "track", "music_ai", song("Music AI", "music_ai").replacen('{',
            r#"{"album_cover_path": "https://cdn.example.invalid/img/t-1.jpg","#, 1)),
        shape("music_ai old", "track", "music_ai", single("Music AI",
            r#""conversion_path": "https://bucket.example.invalid/conversions/c-1.mp3",
               "conversion_path_wav": "https://bucket.example.invalid/conversions/c-1.wav",
               "conversion_duration": 213.99, "is_flagged": false, "reason": "",
               "lyrics": "...", "lyrics_timestamped": "[ ... ]", "title": "Old""#)),
        shape("remix", "track", "remix", song("Remix", "remix")),
        shape("extend", "track", "extend", song("Extend", "remix")),
        shape("inpaint", "track", "inpaint", song("Inpaint", "remix")),
        shape("sing_over_instrumental", "track", "sing_over_instrumental", song("Sing Over Instrumental", "remix")),
        shape("sing_over_vocal", "track", "sing_over_vocal", song("Sing Over Vocal", "remix")),
        shape("unheard subtype", "track", "extend", song("Extend", "extend")),
        shape("stream", "stream", "music_ai", single("Music AI",
            r#""subtype": "audio_streaming", "streaming_url": "https://cdn.example.invalid/streams/s-9/index.m3u8""#)),
        shape("cover", "cover", "music_ai",
            r#"{"success": true, "conversion_type": "Music AI", "task_id": "t-1",
                "image_paths": ["https://cdn.example.invalid/img/t-1.jpg"],
                "thumbnail_paths": ["https://cdn.example.invalid/img/t-1_thumb.jpg"],
                "image_path": "https://cdn.example.invalid/img/t-1.jpg",
                "thumbnail_path": "https://cdn.example.invalid/img/t-1_thumb.jpg",
                "conversion_id_1": "c-1", "conversion_id_2": "c-2",
                "album_cover_generator_output": true, "subtype": "album_cover_generation"}"#.into()),
        shape("cover of a sound", "cover", "sound_generator",
            r#"{"success": true, "conversion_type": "Sound Creator", "task_id": "t-1",
                "image_path": "https://cdn.example.invalid/img/t-1.png", "conversion_id_1": "c-1",
                "album_cover_generator_output": true, "subtype": "album_cover_generation"}"#.into()),
        shape("lyrics", "lyrics", "music_ai", with_timed(&single("Music AI",
            r#""subtype": "lyrics_timestamped", "lyrics_timestamped": TIMED"#))),
        shape("generic", "track", "music_ai",
            r#"{"task_id": "t-1", "status": "COMPLETED", "status_msg": "Went well", "conversion_type": "MUSIC_AI",
                "audio_url": "https://bucket.example.invalid/a.mp3", "title": "Greenery", "conversion_cost": 1.25,
                "createdAt": "2025-01-01T12:00:00Z", "updatedAt": "2025-01-01T12:05:00Z"}"#.into()),
        Shape { name: "first request", kind: "track", feature: None, json:
            r#"{"success": true, "task_id": "t-1", "conversion_id": "c-1", "audio_url": "https://cdn.example.invalid/a.mp3",
                "conversion_cost": 1.0, "title": "T", "lyrics": "L", "prompt": "P", "music_style": "S"}"#.into() },
        Shape { name: "acknowledgement", kind: "unknown", feature: None, json:
            r#"{"success": true, "task_id": "t-1"}"#.into() },
        result("text_to_speech", "text_to_speech", single("Text To Speech",
            r#""conversion_path": "https://cdn.example.invalid/tts/x.mp3", "message": "Done", "title": "Speech",
               "conversion_cost": "0.68", "conversion_duration": 27.78"#)),
        result("voice_changer", "voice_changer", single("Voice Conversion",
            r#""conversion_path": "https://cdn.example.invalid/v.mp3", "conversion_cost": "0.78", "conversion_duration": 272.44"#)),
        result("cover song", "cover", single("Cover",
            r#""conversion_path": "https://cdn.example.invalid/c.mp3", "conversion_duration": 272.44, "message": "Done""#)),
        result("sound", "sound_generator", single("Sound Creator",
            r#""conversion_path": "https://cdn.example.invalid/s.mp3", "conversion_path_wav": null, "conversion_duration": 30.0,
               "message": "Done", "title": "Sound", "conversion_paths": {"c-1": "https://cdn.example.invalid/s.mp3"},
               "conversion_paths_wav": {"c-1": null}, "conversion_durations": {"c-1": 30.0}"#)),
        result("sound old", "sound_generator",
            r#"{"success": true, "conversion_type": "Sound Creator", "task_id": "t-1",
                "conversion_paths": {"c-1": "https://cdn.example.invalid/s.mp3"}, "conversion_duration": 2.09,
                "conversion_durations": {"c-1": 2.09}}"#.into()),
        result("extraction", "extraction", single("Extraction",
            r#""audio_url": "{\"vocals\": \"https://cdn.example.invalid/v.mp3\", \"instrumental\": \"https://cdn.example.invalid/i.mp3\"}",
               "audio_url_wav": "{\"vocals\": \"https://cdn.example.invalid/v.mp3\", \"instrumental\": \"https://cdn.example.invalid/i.mp3\"}",
               "conversion_cost": 0.157, "conversion_duration": 170.68, "title": "Extraction""#)),
        result("extraction old", "extraction", single("Extraction",
            r#""audio_url": "{\"vocals\": \"https://cdn.example.invalid/v.mp3\", \"solo_guitar\": \"https://cdn.example.invalid/g.mp3\"}",
               "conversion_cost": "5.55", "conversion_duration": 136.83"#)),
        result("denoise", "denoise", single("Denoise",
            r#""audio_path": "files/in.wav", "no_noise": "https://cdn.example.invalid/no_noise.mp3",
               "noise": "https://cdn.example.invalid/noise.mp3", "noise_wav": "", "message": "Done",
               "conversion_duration": 136.82, "conversion_cost": "0.48""#)),
        result("deecho", "deecho", single("Deecho",
            r#""audio_path": "files/in.wav", "no_echo": "https://cdn.example.invalid/no_echo.mp3",
               "echo": "https://cdn.example.invalid/echo.mp3", "no_echo_wav": "", "message": "Done",
               "conversion_duration": 136.82, "conversion_cost": "0.48""#)),
        result("dereverb", "dereverb", single("Dereverb",
            r#""audio_path": "files/in.wav", "noreverb": "https://cdn.example.invalid/a.mp3",
               "reverb": "https://cdn.example.invalid/b.mp3", "reverb_wav": "", "message": "Done",
               "conversion_duration": 136.82, "conversion_cost": "0.48""#)),
        result("key_bpm", "extract_key_bpm", single("Key BPM Extraction",
            r#""audio_path": "https://cdn.example.invalid/in.mp3", "conversion_duration": "0",
               "key_changes": {"0-120": ["A# major"], "120-140": ["D# major", "G minor"]},
               "dominant_key": "A# major", "bpm": 162"#)),
        result("transcribe", "audio_transcribe", single("Audio Transcription",
            r#""transcription": "Some spoken words", "translation": null, "detected_language": "en", "title": "Transcription",
               "word_timestamps": [{"index": 0, "text": "Some", "start": 0, "end": 420}]"#)),
        result("midi", "audio_to_midi", single("Audio To MIDI",
            r#""midi_file_path": "", "sonify_file_path": "", "notes_file_path": "", "message": "Done", "title": "MIDI""#)),
        result("cutter", "audio_cutter", single("Audio Cutter", r#""output_file": "https://cdn.example.invalid/o.mp3", "message": "Done""#)),
        result("speed", "audio_speed_changer", single("Audio Speed Changer", r#""output_file": "https://cdn.example.invalid/o.mp3", "message": "Done""#)),
        result("mastering", "audio_mastering", single("Audio Mastering", r#""output_file": "https://cdn.example.invalid/o.mp3", "message": "Done""#)),
        result("file_convert", "file_convert", single("File Conversion", r#""output_file_path": "https://cdn.example.invalid/o.mp3", "message": "Done""#)),
        result("image", "image_generator", single("Image Generator", r#""conversion_path": "https://cdn.example.invalid/o.png", "message": "Done""#)),
        shape("failure", "failure", "music_ai", single("Music AI", r#""subtype": "music_ai", "reason": "Out of luck""#).replace("true", "false")),
        shape("failed status", "failure", "extend",
            r#"{"task_id": "t-1", "conversion_type": "EXTEND", "status": "failed", "status_msg": "Out of luck"}"#.into()),
    ]
}
