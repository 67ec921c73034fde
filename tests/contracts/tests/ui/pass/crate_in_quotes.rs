//! A dependency that is renamed: `crate` says where the runtime is.

use event_runtime as events;
use serde::{Deserialize, Serialize};

mod renamed {
    pub use event_runtime as inner;
}

#[derive(events::EventData, Serialize, Deserialize)]
#[event(crate = "events")]
pub struct Part {
    pub id: String,
}

#[derive(events::EventData, Serialize, Deserialize)]
#[event(crate = renamed::inner)]
pub struct Other {
    pub id: String,
}

fn written_by_hand<T: events::EventData>() {}

struct Level(u8);
events::impl_shape!(Level = 1 | 2);

fn main() {
    written_by_hand::<Part>();
    written_by_hand::<Other>();
    written_by_hand::<Level>();
    let _ = Level(1).0;
}
