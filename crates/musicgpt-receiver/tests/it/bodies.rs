//! Bodies that come in pieces, slowly, without end or not whole.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, StreamExt};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body::Frame;
use http_body_util::StreamBody;
use musicgpt_receiver::{Receiver, ResponseBody};
use tokio::time::{Instant, sleep};

use crate::{Seen, builder, deliver, send, track};

type Piece = Result<Frame<Bytes>, io::Error>;

fn data(bytes: impl Into<Bytes>) -> Piece {
    Ok(Frame::data(bytes.into()))
}

async fn stream(
    receiver: &Receiver,
    pieces: impl futures_util::Stream<Item = Piece> + Send + 'static,
) -> Response<ResponseBody> {
    let url = receiver.mint_for("job-1").unwrap();
    let body = StreamBody::new(pieces);
    send(receiver, Request::post(url.as_str()).body(body).unwrap()).await
}

#[tokio::test]
async fn in_single_bytes_with_trailers() {
    let seen = Seen::default();
    let receiver = builder().handler(seen.handler()).build().unwrap();
    let mut pieces: Vec<_> = track("t", "c")
        .into_iter()
        .map(|byte| data(vec![byte]))
        .collect();
    pieces.push(Ok(Frame::trailers(HeaderMap::new())));
    let response = stream(&receiver, stream::iter(pieces)).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(seen.all(), ["job-1 t c track"]);
}

#[tokio::test]
async fn broken_off() {
    let seen = Seen::default();
    let receiver = builder().handler(seen.handler()).build().unwrap();
    let reset = Err(io::Error::from(io::ErrorKind::ConnectionReset));
    let response = stream(&receiver, stream::iter([data(track("t", "c")), reset])).await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert_eq!(seen.all(), [""; 0]);
}

#[tokio::test]
async fn no_more_is_taken_than_the_limit() {
    let receiver = builder().body_limit(10_000).build().unwrap();
    let taken = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&taken);
    let endless = stream::repeat_with(move || {
        counter.fetch_add(1_000, Ordering::SeqCst);
        data(vec![b' '; 1_000])
    });
    let response = stream(&receiver, endless).await;
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(taken.load(Ordering::SeqCst), 11_000);
}

#[tokio::test(start_paused = true)]
async fn a_drip_is_cut_off() {
    let receiver = builder().build().unwrap();
    let start = Instant::now();
    let drip = stream::repeat(()).then(|()| async {
        sleep(Duration::from_secs(3)).await;
        data(" ")
    });
    let response = stream(&receiver, drip).await;
    assert_eq!(response.status(), StatusCode::REQUEST_TIMEOUT);
    assert_eq!(start.elapsed().as_secs(), 10);
}

#[tokio::test]
async fn nothing_without_end_is_cut_off() {
    let receiver = builder()
        .body_timeout(Duration::from_millis(1))
        .build()
        .unwrap();
    let response = stream(&receiver, stream::repeat_with(|| data(""))).await;
    assert_eq!(response.status(), StatusCode::REQUEST_TIMEOUT);
}

#[tokio::test(start_paused = true)]
async fn slow_ones_do_not_occupy_places_for_ever() {
    let receiver = builder().max_in_hand(2).build().unwrap();
    let slow: Vec<_> = (0..2)
        .map(|_| {
            let receiver = receiver.clone();
            tokio::spawn(async move { stream(&receiver, stream::pending()).await.status() })
        })
        .collect();
    tokio::task::yield_now().await;
    let status = deliver(&receiver, "job-2", "{}").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    for slow in slow {
        assert_eq!(slow.await.unwrap(), StatusCode::REQUEST_TIMEOUT);
    }
    assert_eq!(deliver(&receiver, "job-2", "{}").await, StatusCode::OK);
}

#[tokio::test]
async fn any_error_type_will_do() {
    struct NeitherDebugNorSend {
        _odd: std::rc::Rc<()>,
    }
    let receiver = builder().build().unwrap();
    let url = receiver.mint_for("job-1").unwrap();
    let body = StreamBody::new(stream::once(async {
        Err::<Frame<Bytes>, _>(NeitherDebugNorSend {
            _odd: std::rc::Rc::default(),
        })
    }));
    let response = send(&receiver, Request::post(url.as_str()).body(body).unwrap()).await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
}
