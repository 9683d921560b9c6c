//! What all requests share: the API, the clock, the tasks, the posts to come.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Map, Value};
use tokio::sync::Notify;

use crate::clock::Clock;
use crate::faults::{self, Fault, FaultRule, Stage};
use crate::library::Library;
use crate::log::{Log, lock};
use crate::operation::Operation;
use crate::spec::Spec;
use crate::task::Task;
use crate::uploads::Uploads;
use crate::webhooks::{self, Courier};

pub(crate) struct State {
    pub(crate) spec: Spec,
    pub(crate) seed: u64,
    pub(crate) clock: Clock,
    /// Where this server is, such as `http://127.0.0.1:4010`.
    pub(crate) origin: String,
    pub(crate) log: Log,
    pub(crate) library: Library,
    pub(crate) uploads: Uploads,
    tasks: Mutex<Tasks>,
    rules: Mutex<Vec<FaultRule>>,
    queue: Mutex<Queue>,
    /// Tells the clock's driver of new posts.
    pub(crate) wake: Notify,
    /// Held while posts are sent, so that they go out one after another.
    turn: tokio::sync::Mutex<()>,
    courier: Courier,
}

#[derive(Default)]
struct Tasks {
    all: Vec<Arc<Task>>,
    /// By the ids of the tasks and of their conversions.
    by_id: HashMap<String, Arc<Task>>,
}

/// Posts by the time at which they are due; of several, the first planned is
/// the first sent.
#[derive(Default)]
struct Queue {
    posts: BTreeMap<(Duration, u64), QueuedPost>,
    planned: u64,
}

struct QueuedPost {
    task: Arc<Task>,
    /// Which of the task's posts.
    index: usize,
    attempt: u32,
}

impl State {
    pub(crate) fn new(
        spec: Spec,
        seed: u64,
        clock: Clock,
        origin: String,
        log: Log,
        rules: Vec<FaultRule>,
        courier: Courier,
    ) -> Self {
        Self {
            spec,
            seed,
            clock,
            origin,
            log,
            library: Library::default(),
            uploads: Uploads::default(),
            tasks: Mutex::default(),
            rules: Mutex::new(rules),
            queue: Mutex::default(),
            wake: Notify::new(),
            turn: tokio::sync::Mutex::default(),
            courier,
        }
    }

    /// Accepts a request: its task begins now.
    pub(crate) fn accept(
        &self,
        operation: &Arc<Operation>,
        request: Map<String, Value>,
        faults: &[Fault],
    ) -> Arc<Task> {
        let mut tasks = lock(&self.tasks);
        let number = tasks.all.len() as u64;
        let operation = Arc::clone(operation);
        let now = self.clock.now();
        let task = Arc::new(Task::accept(
            operation, request, self.seed, number, now, faults,
        ));
        tasks.all.push(Arc::clone(&task));
        for id in task.conversions.iter().chain([&task.id]) {
            tasks.by_id.insert(id.clone(), Arc::clone(&task));
        }
        drop(tasks);
        if task.webhook_url().is_some() {
            let mut queue = lock(&self.queue);
            for (index, post) in task.timeline.posts.iter().enumerate() {
                let task = Arc::clone(&task);
                queue.push(
                    now + post.at,
                    QueuedPost {
                        task,
                        index,
                        attempt: 1,
                    },
                );
            }
            drop(queue);
            self.wake.notify_one();
        }
        task
    }

    /// The task with this id, or with a conversion of this id.
    pub(crate) fn task(&self, id: &str) -> Option<Arc<Task>> {
        lock(&self.tasks).by_id.get(id).cloned()
    }

    /// All tasks, the oldest first.
    pub(crate) fn tasks(&self) -> Vec<Arc<Task>> {
        lock(&self.tasks).all.clone()
    }

    pub(crate) fn set_rules(&self, rules: Vec<FaultRule>) {
        *lock(&self.rules) = rules;
    }

    /// The faults that strike a request by rule.
    pub(crate) fn strike(&self, stage: Stage, operation: &str) -> Vec<Fault> {
        faults::strike(&mut lock(&self.rules), stage, operation)
    }

    /// Moves the clock on, sending on the way every post that gets due, each
    /// at its time.
    pub(crate) async fn advance(&self, by: Duration) {
        let _turn = self.turn.lock().await;
        let target = self.clock.now() + by;
        while let Some((due, post)) = self.next_due(target) {
            self.clock.forward_to(due);
            self.deliver(due, post).await;
        }
        self.clock.forward_to(target);
    }

    /// Sends posts as they get due on a running clock, for ever.
    pub(crate) async fn drive(&self) {
        loop {
            {
                let _turn = self.turn.lock().await;
                while let Some((due, post)) = self.next_due(self.clock.now()) {
                    self.deliver(due, post).await;
                }
            }
            let next = lock(&self.queue).posts.keys().next().map(|(due, _)| *due);
            match next.and_then(|due| self.clock.real_time_until(due)) {
                Some(wait) => tokio::select! {
                    () = tokio::time::sleep(wait) => {}
                    () = self.wake.notified() => {}
                },
                None => self.wake.notified().await,
            }
        }
    }

    fn next_due(&self, until: Duration) -> Option<(Duration, QueuedPost)> {
        let mut queue = lock(&self.queue);
        let entry = queue
            .posts
            .first_entry()
            .filter(|entry| entry.key().0 <= until)?;
        let ((due, _), post) = entry.remove_entry();
        Some((due, post))
    }

    async fn deliver(&self, at: Duration, post: QueuedPost) {
        let Some(planned) = post.task.timeline.posts.get(post.index) else {
            return;
        };
        let body = webhooks::payload(&post.task, planned, &self.spec, &self.origin);
        let delivery = self
            .courier
            .send(&post.task, planned, &body, post.attempt, at)
            .await;
        let delivered = delivery.delivered;
        self.log.delivery(delivery);
        if !delivered && let Some(wait) = webhooks::back_off(post.attempt) {
            let again = QueuedPost {
                attempt: post.attempt + 1,
                ..post
            };
            lock(&self.queue).push(at + wait, again);
        }
    }
}

impl Queue {
    fn push(&mut self, due: Duration, post: QueuedPost) {
        self.planned += 1;
        self.posts.insert((due, self.planned), post);
    }
}
