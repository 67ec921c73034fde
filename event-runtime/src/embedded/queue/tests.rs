use super::*;

fn queue(attempts: u32) -> Queue {
    let backoff = Backoff { base: Duration::ZERO, attempts, ..Backoff::default() };
    let settings = QueueSettings { backoff, ..QueueSettings::default() };
    Queue::new("emailer".into(), settings)
}

fn one(queue: &Queue) -> Delivery {
    let mut deliveries = queue.receive(10);
    assert_eq!(deliveries.len(), 1);
    deliveries.remove(0)
}

#[tokio::test(start_paused = true)]
async fn unsettled_message_is_redelivered() {
    let queue = queue(5);
    queue.inject_raw("a");
    let first = one(&queue);
    assert_eq!(queue.receive(10), []);
    tokio::time::advance(Duration::from_secs(30)).await;

    let second = one(&queue);
    assert_eq!((first.receives, second.receives), (1, 2));
    assert!(!queue.ack(first.receipt), "a void receipt settles nothing");
    assert!(queue.ack(second.receipt));
    assert!(!queue.ack(second.receipt));
    assert!(queue.is_empty());
}

#[tokio::test(start_paused = true)]
async fn last_delivery_moves_message_to_dead_letter_queue() {
    let queue = queue(2);
    queue.inject_raw("fails");
    assert!(queue.retry(one(&queue).receipt, "first", None));
    assert!(queue.retry(one(&queue).receipt, "second", None));
    queue.inject_raw("is left lying");
    for _ in 0..2 {
        one(&queue);
        tokio::time::advance(Duration::from_secs(30)).await;
    }
    assert_eq!(queue.receive(10), []);

    let dead = queue.dead_letters();
    assert_eq!(dead.len(), 2);
    assert_eq!((dead[0].reason.as_str(), dead[0].receives), ("second", 2));
    assert_eq!(dead[1].reason, "the receiver did not settle it in time");
    assert_eq!(queue.redrive(), 2);
    assert_eq!(queue.receive(10).iter().map(|d| d.receives).collect::<Vec<_>>(), [1, 1]);
    assert_eq!(queue.dead_letters(), []);
}

#[tokio::test(start_paused = true)]
async fn message_of_fifo_queue_waits_for_previous_one() {
    let settings = QueueSettings { fifo: true, ..QueueSettings::default() };
    let queue = Queue::new("emailer".into(), settings);
    queue.inject_raw("first");
    queue.inject_raw("second");
    let first = queue.receive(1).remove(0);
    assert_eq!(queue.receive(10), [], "the first is with a receiver");
    assert!(queue.defer(first.receipt, Duration::from_secs(1)));
    assert_eq!(queue.receive(10), [], "the first is delayed");
    tokio::time::advance(Duration::from_secs(1)).await;
    let bodies: Vec<_> = queue.receive(10).iter().map(|d| d.body.to_string()).collect();
    assert_eq!(bodies, ["first", "second"]);
}

#[tokio::test(start_paused = true)]
async fn unhandled_message_expires() {
    let hour = Duration::from_hours(1);
    let most_of_it = Duration::from_secs(3599);
    let settings = QueueSettings {
        retention: hour,
        dead_letter_retention: 2 * hour,
        backoff: Backoff { base: Duration::ZERO, attempts: 1, ..Backoff::default() },
        ..QueueSettings::default()
    };
    let queue = Queue::new("emailer".into(), settings);
    for body in ["is given up", "waits", "is in hand"] {
        queue.inject_raw(body);
    }
    assert!(queue.retry(queue.receive(1).remove(0).receipt, "no", None));
    tokio::time::advance(most_of_it).await;
    let mut in_hand = queue.receive(2);
    assert!(queue.defer(in_hand.remove(0).receipt, 30 * hour), "to come after its end");
    // Whoever waits for the queue to be empty learns of it when the messages are gone.
    assert_eq!(queue.next_until_empty(1).await, []);
    assert_eq!((queue.len(), queue.expired(), queue.dead_letters().len()), (0, 2, 1));
    assert!(!queue.ack(in_hand.remove(0).receipt), "it is gone from its receiver's hands");

    // Its age counts from when it was sent, and a redrive makes a new message of it.
    tokio::time::advance(most_of_it).await;
    assert_eq!(queue.redrive(), 1);
    tokio::time::advance(Duration::from_secs(10)).await;
    assert_eq!(queue.receive(1)[0].receives, 1);
    assert!(queue.dead_letters().is_empty());
    tokio::time::advance(2 * hour).await;
    assert_eq!((queue.len(), queue.expired()), (0, 3));
}

#[tokio::test(start_paused = true)]
async fn message_age_restarts_in_fifo_dead_letter_queue() {
    let hour = Duration::from_hours(1);
    for (fifo, left) in [(false, 0), (true, 1)] {
        let dead_letter_retention = 2 * hour;
        let settings = QueueSettings { dead_letter_retention, fifo, ..QueueSettings::default() };
        let queue = Queue::new("emailer".into(), settings);
        queue.inject_raw("a");
        tokio::time::advance(hour).await;
        assert!(queue.dead_letter(one(&queue).receipt, "no"));
        tokio::time::advance(hour).await;
        assert_eq!(queue.dead_letters().len(), left);
    }
}

#[tokio::test(start_paused = true)]
async fn defer_does_not_count_delivery() {
    let queue = queue(2);
    queue.inject_raw("a");
    for _ in 0..5 {
        let delivery = queue.next(1).await.remove(0);
        assert_eq!(delivery.receives, 1);
        assert!(queue.defer(delivery.receipt, Duration::from_secs(3)));
        assert_eq!(queue.receive(1), []);
    }
}

#[tokio::test(start_paused = true)]
async fn retry_waits_at_least_requested_delay() {
    let queue = queue(5);
    queue.inject_raw("a");
    assert!(queue.retry(one(&queue).receipt, "later", Some(Duration::from_secs(7))));
    let before = Instant::now();
    assert_eq!(queue.next_until_empty(1).await.len(), 1);
    assert!(before.elapsed() >= Duration::from_secs(7));
}

#[tokio::test(start_paused = true)]
async fn waiting_ends_when_other_receiver_settles_last_message() {
    let queue = queue(5);
    queue.inject_raw("a");
    let delivery = one(&queue);
    let waiting = tokio::spawn({
        let queue = queue.clone();
        async move { queue.next_until_empty(1).await }
    });
    tokio::task::yield_now().await;
    let before = Instant::now();
    assert!(queue.ack(delivery.receipt));
    assert_eq!(waiting.await.unwrap(), []);
    assert!(before.elapsed() < Duration::from_secs(1));
}
